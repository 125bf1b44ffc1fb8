package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say whose data a command is about: a data directory, and the settings of its server. */
final class DataOptions {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ServeOptions.DEFAULT_DATA,
            description = "Data directory; serve makes it when it is missing (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of(ServeOptions.DEFAULT_DATA);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration file, YAML or properties, on top of the defaults.")
    private @Nullable Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting, stronger than the file; may be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** What was given, for a server of both services on that port. */
    ServeOptions options(int port) {
        return options(ServeRole.STANDALONE, port);
    }

    /** What was given, for a server of that role on that port. */
    ServeOptions options(ServeRole role, int port) {
        if (config != null && !Files.isReadable(config)) {
            throw CommandFailure.usage("--config " + config + " cannot be read (expected: a YAML or properties file)");
        }
        return new ServeOptions(role, port, data, Optional.ofNullable(config), settings);
    }
}
