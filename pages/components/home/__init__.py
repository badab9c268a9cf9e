"""The Home page: what the workbench is and what is at hand."""
