package io.weir.standalone.cli;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a server is to be run.
 *
 * @param role which of the services it runs
 * @param port TCP port, or 0 for any free one; the role's unless told otherwise
 * @param data directory that holds everything the server keeps; made when missing
 * @param config configuration file (YAML or properties) read on top of the built-in defaults
 * @param properties single settings, stronger than the file, in the order they were given
 */
public record ServeOptions(ServeRole role, int port, Path data, Optional<Path> config, Map<String, String> properties) {

    /** The port that agents expect. */
    public static final int DEFAULT_PORT = 8086;

    /** The data directory unless told otherwise, relative to where the command is run. */
    public static final String DEFAULT_DATA = "./data";

    public ServeOptions {
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    /** Of a server that runs both services. */
    public ServeOptions(int port, Path data, Optional<Path> config, Map<String, String> properties) {
        this(ServeRole.STANDALONE, port, data, config, properties);
    }
}
