"""Lists what CPython's wsgiref/validate.py asserts and warns of, in the order of its source.

    python3 generate.py > wsgiref.tsv

A line is the function, a tab, and the condition; an assertion in a loop over constants is a line for each of them.
"""

import ast
import wsgiref.validate


class Constants(ast.NodeTransformer):
    def __init__(self, values):
        self.values = values

    def visit_Name(self, node):
        return self.values.get(node.id, node)


def asserted(node, inside=(), values={}):
    """Yields function and condition of everything below node."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
            yield from asserted(child, inside + (child.name,), values)
        elif isinstance(child, ast.For) and isinstance(child.iter, ast.List):
            for constant in child.iter.elts:
                yield from asserted(child, inside, {**values, child.target.id: constant})
        else:
            if isinstance(child, ast.Call):
                condition = of(child)
                if condition:
                    condition = ast.unparse(Constants(values).visit(ast.parse(condition)))
                    yield ".".join(inside), condition
            yield from asserted(child, inside, values)


def of(call):
    """Returns the condition of a call, or None when it asserts nothing."""
    function = ast.unparse(call.func)
    if function == "assert_":
        return ast.unparse(call.args[0])
    if function == "check_string_type":
        return "type(%s) is str" % ast.unparse(call.args[0])
    if function in ("warnings.warn", "sys.stderr.write"):
        return function
    return None


with open(wsgiref.validate.__file__, encoding="utf-8") as source:
    for function, condition in asserted(ast.parse(source.read())):
        print(function, condition, sep="\t")
