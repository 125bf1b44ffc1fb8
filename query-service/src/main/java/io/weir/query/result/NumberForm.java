package io.weir.query.result;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;

/** How JSON shows the numbers that a reader of 64-bit floats would round. */
public enum NumberForm {
    /** All are numbers, with all their digits. */
    NUMBER,
    /** Columns of {@code BIGINT}, {@code UBIGINT}, {@code HUGEINT}, {@code UHUGEINT} and {@code DECIMAL} are strings. */
    STRING;

    /** The form with that name. @throws WeirException {@code invalid-request} */
    public static NumberForm of(String name) {
        return switch (name) {
            case "number" -> NUMBER;
            case "string" -> STRING;
            default ->
                throw new WeirException(
                        CommonError.INVALID_REQUEST,
                        "numbers \"" + Names.printable(name) + "\" is not known (expected: number or string)");
        };
    }
}
