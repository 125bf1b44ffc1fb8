package io.weir.query.condition;

import io.weir.common.schema.ColumnType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Compares values with a literal: texts by their bytes, numbers exactly, floats as floats, with NaN above all others. */
final class Comparison implements ValueTest {

    private final Operator operator;
    private final byte[] text;
    private final @Nullable WholeBound signed;
    private final @Nullable WholeBound unsigned;
    private final double real;
    private final @Nullable Boolean bool;
    private final @Nullable Long micros;

    /** How a value may stand to the literal. */
    enum Operator {
        EQUAL,
        NOT_EQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL;

        boolean holds(int order) {
            return switch (this) {
                case EQUAL -> order == 0;
                case NOT_EQUAL -> order != 0;
                case LESS -> order < 0;
                case LESS_OR_EQUAL -> order <= 0;
                case GREATER -> order > 0;
                case GREATER_OR_EQUAL -> order >= 0;
            };
        }

        /** The operator with its sides exchanged. */
        Operator mirrored() {
            return switch (this) {
                case EQUAL, NOT_EQUAL -> this;
                case LESS -> GREATER;
                case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
                case GREATER -> LESS;
                case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
            };
        }
    }

    Comparison(Operator operator, Literal literal) {
        this.operator = operator;
        this.text = literal.text().getBytes(StandardCharsets.UTF_8);
        BigDecimal number = literal.number();
        this.signed = number == null ? null : WholeBound.signed(number);
        this.unsigned = number == null ? null : WholeBound.unsigned(number);
        this.real = number == null ? 0 : number.doubleValue();
        this.bool = literal.bool();
        this.micros = literal.micros();
    }

    @Override
    public boolean appliesTo(ColumnType type) {
        return switch (type) {
            case TAG, STRING -> true;
            case INT64, UINT64, FLOAT64 -> signed != null;
            case BOOLEAN -> bool != null;
        };
    }

    @Override
    public boolean appliesToTimes() {
        return micros != null;
    }

    @Override
    public boolean ofLong(long value, boolean isUnsigned) {
        WholeBound bound = isUnsigned ? unsigned : signed;
        return bound != null && operator.holds(bound.order(value));
    }

    @Override
    public boolean ofDouble(double value) {
        int order = value < real ? -1 : value > real ? 1 : value == real ? 0 : Double.compare(value, real);
        return operator.holds(order);
    }

    @Override
    public boolean ofBoolean(boolean value) {
        return bool != null && operator.holds(Boolean.compare(value, bool));
    }

    @Override
    public boolean ofText(byte[] utf8, int from, int to) {
        return operator.holds(Arrays.compareUnsigned(utf8, from, to, text, 0, text.length));
    }

    @Override
    public boolean ofTime(long value) {
        return micros != null && operator.holds(Long.compare(value, micros));
    }
}
