"""Addresses inside arrays, and a call through one: what lets one compiled engine run any compiled step.

A compiled function that takes another as an argument is never found in Numba's disk cache; a plain integer address
is (see ``core.kernel.steps``).
"""

from __future__ import annotations

from typing import Any

import numba as nb
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from core.kernel.records import CANDLE, SLOT, VIEW

STEP = types.void(types.CPointer(CANDLE), types.CPointer(VIEW), types.voidptr, types.voidptr, types.CPointer(SLOT))
"""The C signature of every step: candle, view, state, params, slots."""


@intrinsic  # type: ignore[misc]
def address_of(typing_context: Any, array: Any, index: Any) -> Any:
    """The address of ``array[index]`` as an integer; the array must outlive its use."""
    signature = types.intp(array, index)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        struct = context.make_array(sig.args[0])(context, builder, args[0])
        return builder.ptrtoint(builder.gep(struct.data, [args[1]]), context.get_value_type(types.intp))

    return signature, codegen


@intrinsic  # type: ignore[misc]
def call_step(typing_context: Any, step: Any, candle: Any, view: Any, state: Any, params: Any, slots: Any) -> Any:
    """Call the step at address ``step`` with five addresses."""
    signature = types.void(*([types.intp] * 6))

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        function = ir.FunctionType(ir.VoidType(), [byte] * 5).as_pointer()
        pointers = [builder.inttoptr(arg, byte) for arg in args[1:]]
        builder.call(builder.inttoptr(args[0], function), pointers)
        return context.get_dummy_value()

    return signature, codegen


def compile_step(step: Any, state_t: Any, params_t: Any, slots: int) -> Any:
    """``step`` as a C function of the ``STEP`` signature (about 0.15 s); keep the answer alive while it is used."""

    def entry(candle: Any, view: Any, state: Any, params: Any, orders: Any) -> None:
        step(
            nb.carray(candle, 1)[0],
            nb.carray(view, 1)[0],
            nb.carray(state, 1, state_t)[0],
            nb.carray(params, 1, params_t)[0],
            nb.carray(orders, slots),
        )

    return nb.cfunc(STEP)(entry)
