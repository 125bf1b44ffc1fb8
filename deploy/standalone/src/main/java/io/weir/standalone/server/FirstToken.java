package io.weir.standalone.server;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Hands the first operator's token to whoever started the server: printed once, past the log, and in a file of the data
 * directory that only its owner can read, since what a service prints is often thrown away. Whoever can read that file
 * could read the data anyhow.
 */
final class FirstToken {

    private final Path file;
    private final PrintStream out;

    FirstToken(Path file, PrintStream out) {
        this.file = file;
        this.out = out;
    }

    void give(String token) {
        try {
            write(token);
        } catch (IOException e) {
            throw new UncheckedIOException("the first token cannot be written to " + file, e);
        }
        out.println();
        out.println("  The first token of this server, an operator's. It is shown this once:");
        out.println();
        out.println("      " + token);
        out.println();
        out.println("  It is also in " + file + ", for its owner alone; remove that file when the token is in");
        out.println("  a safe place. More tokens: weir token create. Lost it: weir token recover, server stopped.");
        out.println();
        out.flush();
    }

    private void write(String token) throws IOException {
        Files.deleteIfExists(file);
        FileAttribute<?>[] ownerOnly =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        Files.createFile(file, ownerOnly);
        Files.write(file, (token + "\n").getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
    }
}
