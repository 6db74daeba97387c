"""What things are: pure data, no I/O. Import the module that holds what is needed; the package itself is free."""

import logging

# Whoever uses a part of this as a library decides where its messages go; without that, Python would print warnings.
# It stands here because whatever tells something knows the models, while the package above is imported to say no more
# than its version.
logging.getLogger("tui_app").addHandler(logging.NullHandler())
