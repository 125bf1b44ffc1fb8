package io.weir.standalone.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest. */
public final class BuildVersion implements IVersionProvider {

    /** The version, or "development" outside of a jar. */
    public static String text() {
        return Objects.requireNonNullElse(BuildVersion.class.getPackage().getImplementationVersion(), "development");
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "Weir " + text(), "Java ${java.version} (${java.vendor}), ${os.name} ${os.arch}",
        };
    }
}
