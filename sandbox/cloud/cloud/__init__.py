"""The emulated AWS of the sandbox: MiniStack, extended from outside.

Each module closes one gap between MiniStack and AWS and names the AWS document it follows.
``python -m cloud`` installs them all and serves.
"""
