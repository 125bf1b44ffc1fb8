package io.weir.ingest.decode;

import io.weir.common.schema.ColumnType;
import org.jspecify.annotations.Nullable;

/**
 * One tag or field of a measurement in a MessagePack request, and the type its values agree on. MessagePack integers say
 * nothing of signedness and some writers send whole floats as integers, so unless the schema knows the column its type is
 * what all values of the request fit: integer, unsigned when one needs it, float when one is.
 */
final class PackedColumn {

    /** Classes of values; each a bit. */
    static final int INTEGER = 1;

    static final int NEGATIVE = 2;
    static final int HUGE = 4;
    static final int FLOAT = 8;
    static final int TEXT = 16;
    static final int BOOLEAN = 32;

    final String name;
    private final boolean stored;
    private @Nullable ColumnType type;
    private int seen;
    /** Item that mentioned this column last. */
    int item = -1;
    /** Index in the batch being built from rows, or -1. */
    int index = -1;

    PackedColumn(String name, @Nullable ColumnType stored) {
        this.name = name;
        this.type = stored;
        this.stored = stored != null;
    }

    /** The type so far; null while only nil was seen. */
    @Nullable
    ColumnType type() {
        return type;
    }

    boolean isTag() {
        return type == ColumnType.TAG;
    }

    /** Says that this column is a tag. */
    void makeTag(int offset) {
        if (type == null) {
            type = ColumnType.TAG;
        } else if (type != ColumnType.TAG) {
            throw new MessagePackFault(
                    offset, "is a field of type " + type.noun() + " (expected: a tag of another name)");
        }
    }

    /** Says that this column is a field. */
    void makeField(int offset) {
        if (type == ColumnType.TAG) {
            throw new MessagePackFault(offset, "is a tag (expected: a field of another name)");
        }
    }

    /** Whether values of that class have been seen, so that {@link #see} has nothing new to say. */
    boolean hasSeen(int valueClass) {
        return (seen & valueClass) != 0;
    }

    /** Takes note of a value of that class; fails when no type fits all of them, or the schema's does not. */
    void see(int valueClass, int offset) {
        seen |= valueClass;
        ColumnType wanted = stored || type == ColumnType.TAG ? type : null;
        if (wanted == null) {
            type = common(offset);
        } else if (!fits(wanted, valueClass)) {
            throw conflict(wanted, valueClass, offset);
        }
    }

    private static boolean fits(ColumnType wanted, int valueClass) {
        return switch (wanted) {
            case TAG, STRING -> valueClass == TEXT;
            case BOOLEAN -> valueClass == BOOLEAN;
            case INT64 -> valueClass == INTEGER || valueClass == NEGATIVE;
            case UINT64 -> valueClass == INTEGER || valueClass == HUGE;
            case FLOAT64 ->
                valueClass == INTEGER || valueClass == NEGATIVE || valueClass == HUGE || valueClass == FLOAT;
        };
    }

    private ColumnType common(int offset) {
        if (seen == TEXT) {
            return ColumnType.STRING;
        } else if (seen == BOOLEAN) {
            return ColumnType.BOOLEAN;
        } else if ((seen & (TEXT | BOOLEAN)) == 0) {
            if ((seen & FLOAT) != 0) {
                return ColumnType.FLOAT64;
            } else if ((seen & HUGE) == 0) {
                return ColumnType.INT64;
            } else if ((seen & NEGATIVE) == 0) {
                return ColumnType.UINT64;
            }
        }
        throw new MessagePackFault(offset, "values are of types that do not go together: " + classes(seen));
    }

    private static MessagePackFault conflict(ColumnType wanted, int valueClass, int offset) {
        return new MessagePackFault(offset, "is " + wanted.noun() + " but the value is " + classes(valueClass));
    }

    private static String classes(int seen) {
        StringBuilder names = new StringBuilder();
        String[] nouns = {"integer", "negative integer", "integer beyond 2^63", "float", "string", "boolean"};
        for (int i = 0; i < nouns.length; i++) {
            if ((seen & 1 << i) != 0) {
                names.append(names.isEmpty() ? "" : ", ").append(nouns[i]);
            }
        }
        return names.toString();
    }
}
