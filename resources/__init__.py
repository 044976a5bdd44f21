"""Data of the desktop and of the installers: fonts, icons, theme, licences."""
