package io.weir.standalone.cli.terminal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes one query result in order: the columns once, then each row, then the end. */
public interface ResultSink {

    /** The column names and their SQL types, of one length; the types are empty when the server does not tell them. */
    void columns(List<String> names, List<String> types);

    /** The cells of one row as the server wrote them; null is SQL's NULL. The list is reused for the next row. */
    void row(List<@Nullable String> cells);

    /** No row follows. */
    void end();
}
