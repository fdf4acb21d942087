"""The page list."""

from explorer.ui import page

page.show()
