"""What the models' libraries refuse, told as the command line tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nlu.encoders.loading import EncoderError
from nlu.errors import ApplicationError, DivergenceError, InputError, LabelSheetError
from pipeline.errors import BadInputError, CommandError


@contextmanager
def refusals() -> Iterator[None]:
    """An application or encoder that cannot be used becomes a CommandError, other input a BadInputError."""
    try:
        yield
    except (ApplicationError, LabelSheetError, EncoderError) as error:
        raise CommandError(str(error)) from error
    except (InputError, DivergenceError) as error:
        raise BadInputError(str(error)) from error
