"""Addresses inside arrays, and a call through one: what lets one compiled engine run any compiled step.

A compiled function that takes another as an argument is never found in Numba's disk cache; a plain integer address
is (see ``core.kernel.steps``).
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import carray, cfunc, types  # type: ignore[attr-defined]
from numba.extending import intrinsic

from core.kernel.records import CANDLE, SLOT, VIEW

_pointer: Any = types.CPointer
STEP = types.void(_pointer(CANDLE), _pointer(VIEW), types.voidptr, types.voidptr, _pointer(SLOT))
"""The C signature of every step: candle, view, state, params, slots."""


def _address_of(typing_context: Any, array: Any, index: Any) -> Any:
    """The address of ``array[index]`` as an integer; the array must outlive its use."""
    signature = types.intp(array, index)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        struct = context.make_array(sig.args[0])(context, builder, args[0])
        return builder.ptrtoint(builder.gep(struct.data, [args[1]]), context.get_value_type(types.intp))

    return signature, codegen


def _call_step(
    typing_context: Any, step: Any, candle: Any, view: Any, state: Any, params: Any, slots: Any
) -> Any:
    """Call the step at address ``step`` with five addresses."""
    signature = types.void(*([types.intp] * 6))

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        function = ir.FunctionType(ir.VoidType(), [byte] * 5).as_pointer()
        pointers = [builder.inttoptr(arg, byte) for arg in args[1:]]
        builder.call(builder.inttoptr(args[0], function), pointers)
        return context.get_dummy_value()

    return signature, codegen


address_of: Any = intrinsic(_address_of)
call_step: Any = intrinsic(_call_step)


def compile_step(step: Any, state_t: Any, params_t: Any, slots: int) -> Any:
    """``step`` as a C function of the ``STEP`` signature (about 0.15 s); keep the answer alive while it is used."""

    def entry(candle: Any, view: Any, state: Any, params: Any, orders: Any) -> None:
        step(
            carray(candle, 1)[0],
            carray(view, 1)[0],
            carray(state, 1, state_t)[0],
            carray(params, 1, params_t)[0],
            carray(orders, slots),
        )

    return cfunc(STEP)(entry)
