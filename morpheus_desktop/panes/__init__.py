"""One widget tree for each pane, named like its view-model."""
