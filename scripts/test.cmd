@rem See scripts\dev.py.
@cd /d "%~dp0.."
@py -3 scripts\dev.py test %*
