package io.weir.standalone.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The two writers of a process and what may be written to them. Output is always UTF-8; nothing is flushed unasked,
 * except at the end of a command.
 *
 * @param out what the command was asked for
 * @param err progress and failures
 * @param interactive whether a person watches {@code err}, so that a line may be redrawn in place
 * @param unicode whether box-drawing characters will be shown as such
 */
public record Terminal(PrintWriter out, PrintWriter err, boolean interactive, boolean unicode) {

    /** The terminal of this process; only its starter knows whether a person watches: {@code -Dweir.terminal=true}. */
    public static Terminal ofProcess() {
        return new Terminal(
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                Boolean.getBoolean("weir.terminal"),
                speaksUnicode(System.getenv()));
    }

    /** Writes what has been printed so far. */
    public void flush() {
        out.flush();
        err.flush();
    }

    static boolean speaksUnicode(Map<String, String> environment) {
        String locale = Stream.of("LC_ALL", "LC_CTYPE", "LANG")
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("")
                .toLowerCase(Locale.ROOT);
        return locale.contains("utf-8") || locale.contains("utf8");
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8));
    }
}
