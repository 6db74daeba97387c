"""What a person meets in a browser: real JupyterLab in a real Chromium."""
