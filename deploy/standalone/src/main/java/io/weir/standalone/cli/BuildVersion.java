package io.weir.standalone.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest. */
final class BuildVersion implements IVersionProvider {

    /** The version, or "development" outside of a jar. */
    static String text() {
        return Objects.requireNonNullElse(BuildVersion.class.getPackage().getImplementationVersion(), "development");
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "Weir " + text(), "Java ${java.version} (${java.vendor}), ${os.name} ${os.arch}",
        };
    }
}
