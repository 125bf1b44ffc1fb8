package io.weir.query.result;

import org.apache.arrow.vector.FieldVector;

/** Writes the value of one column at a row as MessagePack. Bound to the vectors of one result; not thread-safe. */
@FunctionalInterface
interface MsgpackColumn {

    void write(MsgpackBytes out, int row);

    /** The same with nil where the vector has no value. */
    default MsgpackColumn orNil(FieldVector vector) {
        return (out, row) -> {
            if (vector.isNull(row)) {
                out.nil();
            } else {
                write(out, row);
            }
        };
    }
}
