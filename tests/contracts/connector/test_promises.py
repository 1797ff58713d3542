"""What every connector promises, kept against its vendor's sandbox: a new one is tested the day it is registered."""

from bascule.contract.declaration import *  # noqa: F403
from bascule.contract.promises import *  # noqa: F403
from bascule.contract.refusals import *  # noqa: F403
