package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file that holds a whole result or is not there: it is written beside its place and moved there at the end. */
final class ResultFile {

    private ResultFile() {}

    /** Writes what it should hold. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes the file, in place of one of that name. */
    static void write(Path file, Content content) {
        Path whole = file.toAbsolutePath();
        Path part = whole.resolveSibling(whole.getFileName() + ".part");
        try {
            try {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
                    content.writeTo(out);
                }
                Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw CommandFailure.refused("The result could not be written to " + file + " (" + e + ")", e);
        }
    }
}
