"""The shipped problems, one folder or file each: the only place that knows a particular model."""

from ..base.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
