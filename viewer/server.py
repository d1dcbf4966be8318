"""The viewer's server: Streamlit's own, with the guard of all HTTP faces before it. `simenv.view` runs it."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from simenv import network
from simenv.serve.guard import TOKEN, Guard, granted

# Taken out of the environment: the commands that the viewer starts have no use for the token. Without one, nobody comes in.
if network.is_offline():
    network.go_offline()
access = granted(os.environ)
os.environ.pop(TOKEN, None)
app = App(
    Path(__file__).with_name("app.py"), middleware=[Middleware(Guard, access, json_only=False, cookie="simenv-viewer")]
)
