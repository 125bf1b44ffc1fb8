package io.weir.query.result;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import io.weir.storage.duckdb.ResultCursor;
import java.math.BigInteger;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.vector.DecimalVector;

/** What all formats say alike about the engine's types. */
final class ResultTypes {

    /** Unsigned integers of 128 bits, whose bits arrive as a signed decimal. */
    static final String UHUGEINT = "UHUGEINT";

    /** Types whose bytes arrive without what is needed to read them; behind a field of that name its type would follow. */
    private static final Pattern WITHOUT_FORM =
            Pattern.compile("\\b(BIT|BIGNUM|VARIANT|GEOMETRY|TIME WITH TIME ZONE)(?=[,)\\[]|$)");

    private static final Pattern NESTED_UNSIGNED = Pattern.compile("\\bUHUGEINT(?=[,)\\[])");
    private static final Pattern QUOTED = Pattern.compile("'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"");
    private static final BigInteger TWO_TO_128 = BigInteger.ONE.shiftLeft(128);

    private ResultTypes() {}

    /** Checks that every column's type has a form. @throws WeirException {@code result-type} */
    static void requireForms(ResultCursor cursor) {
        for (int i = 0; i < cursor.columnTypes().size(); i++) {
            String type = cursor.columnTypes().get(i);
            String bare = QUOTED.matcher(type).replaceAll("x");
            Matcher without = WITHOUT_FORM.matcher(bare);
            if (without.find() || NESTED_UNSIGNED.matcher(bare).find()) {
                throw unsupported(cursor.columnNames().get(i), type);
            }
        }
    }

    private static WeirException unsupported(String column, String type) {
        return new WeirException(
                QueryError.RESULT_TYPE,
                "column " + column + " is " + type + ", which results have no form for (cast it to VARCHAR)",
                Map.of("column", column, "type", type));
    }

    /** The value of a {@link #UHUGEINT} column at a row that is not null. */
    static BigInteger unsigned(DecimalVector decimals, int row) {
        BigInteger value = decimals.getObject(row).unscaledValue();
        return value.signum() < 0 ? value.add(TWO_TO_128) : value;
    }
}
