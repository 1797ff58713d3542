"""What every connector promises, kept by this one."""

from bascule.contract.declaration import *  # noqa: F403
from bascule.contract.promises import *  # noqa: F403
from bascule.contract.refusals import *  # noqa: F403
