package io.weir.standalone.cli;

import java.nio.file.Path;

/** Where backups are, as people write it. */
final class PlaceUrl {

    private PlaceUrl() {}

    /** A URL stays as it is; anything else is a directory of this machine. */
    static String of(String written) {
        return written.matches("[a-z0-9]+:.*")
                ? written
                : "file://" + Path.of(written).toAbsolutePath().normalize();
    }
}
