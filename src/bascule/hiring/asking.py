"""A question of a task to a model: what the task is to do when there is no answer."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from bascule.errors import DeclinedError, RemoteError, UnansweredError, UnavailableError
from bascule.models.door import Answer, Models, Question
from bascule.store.tasks import TaskLease

Shape = TypeVar("Shape", bound=BaseModel)
NOTHING = "nothing held"  # the outcome of a call of whose answer all was dropped


async def ask(models: Models, task: TaskLease, question: Question[Shape]) -> Answer[Shape] | None:
    """A model's answer; None where what is made here is to stand. Raises what has the task run again: a provider that
    is busy or down, as often as the workspace says."""
    try:
        return await models.ask(task.workspace, question)
    except DeclinedError:
        return None
    except (UnavailableError, UnansweredError) as error:
        if task.tries < await models.patience(task.workspace):
            raise
        await models.given_up(task.workspace, str(error))
        return None
    except RemoteError:
        return None  # told where calls are: asking again would have the same answer
