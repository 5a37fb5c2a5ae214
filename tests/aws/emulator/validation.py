"""What the service models say about a request: botocore's own checks, and the enums and patterns that it leaves out."""

import regex
from botocore.validate import ParamValidator

# Java's range of the characters that take two of its own, and Python's.
BEYOND_16_BITS = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
OF_A_STRING = {"enum", "pattern", "max"}


class StrictValidator(ParamValidator):
    # Without these, strings in lists would only be asked for their type.
    VALIDATED_METADATA_ATTRS = ParamValidator.VALIDATED_METADATA_ATTRS | OF_A_STRING

    def __init__(self):
        self.found = []

    def _validate_string(self, param, shape, errors, name):
        super()._validate_string(param, shape, errors, name)
        if not isinstance(param, str):
            return
        allowed = shape.metadata.get("enum")
        if allowed and param not in allowed:
            self.found.append(f'{name[1:]} is "{param}", which is none of {", ".join(allowed)}')
        pattern = shape.metadata.get("pattern")
        if pattern and not matches(pattern, param):
            self.found.append(f'{name[1:]} is "{param}", which does not match {pattern}')
        longest = shape.metadata.get("max")
        if longest is not None and len(param) > longest:
            self.found.append(f"{name[1:]} has {len(param)} characters, and {longest} are allowed")

    def _validate_list(self, param, shape, errors, name):
        super()._validate_list(param, shape, errors, name)
        longest = shape.metadata.get("max")
        if longest is not None and isinstance(param, list) and len(param) > longest:
            self.found.append(f"{name[1:]} has {len(param)} elements, and {longest} are allowed")

    def _validate_integer(self, param, shape, errors, name):
        super()._validate_integer(param, shape, errors, name)
        largest = shape.metadata.get("max")
        if largest is not None and isinstance(param, int) and param > largest:
            self.found.append(f"{name[1:]} is {param}, and {largest} is the most")

    _validate_long = _validate_integer


def problems_of(operation, parameters):
    """Every sentence that the model of an operation has against these parameters."""
    if operation.input_shape is None:
        return []
    validator = StrictValidator()
    report = validator.validate(parameters, operation.input_shape)
    own = report.generate_report()
    return [*(own.splitlines() if own else []), *validator.found]


def matches(pattern, text):
    """The models' patterns are Java's; those without an anchor describe the whole text, as IAM's `[\\w+=,.@-]+` does."""
    anchored = pattern.startswith("^") or pattern.endswith("$")
    return (regex.search if anchored else regex.fullmatch)(pattern.replace(*BEYOND_16_BITS), text) is not None
