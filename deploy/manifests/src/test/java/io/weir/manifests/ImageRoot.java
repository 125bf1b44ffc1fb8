package io.weir.manifests;

import io.weir.testing.Peers;
import io.weir.testing.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the Dockerfile makes, without Docker: its instructions are carried out in mount namespaces of their own, in which
 * {@code /opt}, {@code /var/lib} and {@code /tmp} are directories of the test and everything else is this machine's, read-only.
 * So the very commands of the image run at the very paths of the image. Needs Linux and root.
 */
final class ImageRoot {

    private static final long BUILD_PATIENCE_SECONDS = 480;

    private final Path directory;
    private final Dockerfile.Stage image;
    private final Map<String, String> environment = new LinkedHashMap<>();

    private ImageRoot(Path directory, Dockerfile dockerfile) {
        this.directory = directory;
        this.image = dockerfile.image();
        environment.put("PATH", Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin");
    }

    /** Carries out the instructions of every stage, or ends the test when this machine does not let it. */
    static ImageRoot build() {
        Path unshare = Peers.program("unshare", "util-linux");
        Peers.program("setpriv", "util-linux");
        Peers.program("mount", "mount");
        try {
            Process probe = new ProcessBuilder(unshare.toString(), "--mount", "true")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(probe.getInputStream().readAllBytes());
            if (probe.waitFor() != 0) {
                throw Peers.missing("mount-namespaces", "unshare --mount: " + said.strip());
            }
            Peers.found("mount-namespaces");
            Path directory = Path.of("target", "image").toAbsolutePath();
            if (Files.exists(directory)) {
                Trees.remove(directory);
            }
            for (String part : List.of("opt", "lib", "tmp")) {
                Files.createDirectories(directory.resolve(part));
            }
            Dockerfile dockerfile = Dockerfile.read(Deploy.file("images/Dockerfile"));
            ImageRoot root = new ImageRoot(directory, dockerfile);
            root.carryOut(dockerfile);
            root.image.all("ENV").forEach(root::set);
            return root;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void set(String assignments) {
        for (String assignment : assignments.split(" ")) {
            String[] parts = assignment.split("=", 2);
            environment.put(parts[0], parts[1].replace("${PATH}", environment.get("PATH")));
        }
    }

    private void carryOut(Dockerfile dockerfile) throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder(mounts());
        script.append("chmod 1777 /tmp\n");
        for (Dockerfile.Stage stage : dockerfile.stages()) {
            for (Dockerfile.Instruction instruction : stage.instructions()) {
                script.append(shell(instruction));
            }
        }
        Path log = directory.resolve("build.log");
        Process build = start(script.toString(), log, Map.of());
        if (!build.waitFor(BUILD_PATIENCE_SECONDS, TimeUnit.SECONDS) || build.exitValue() != 0) {
            build.destroyForcibly();
            throw new AssertionError("the image's instructions failed: " + Deploy.text(log));
        }
    }

    private static String shell(Dockerfile.Instruction instruction) {
        if (instruction.keyword().equals("RUN")) {
            return "( " + String.join(" ", instruction.operands()) + " )\n";
        }
        if (instruction.keyword().equals("ENV")) {
            return "export " + instruction.arguments() + "\n";
        }
        if (!instruction.keyword().equals("COPY")) {
            return "";
        }
        boolean ofTree = instruction.options().stream().noneMatch(option -> option.startsWith("--from="));
        List<String> operands = new ArrayList<>(instruction.operands());
        String target = operands.remove(operands.size() - 1);
        StringBuilder script = new StringBuilder("mkdir -p " + target + "\n");
        for (String source : operands) {
            String from = (ofTree ? "/proc/$$/fd/9/" : "") + source;
            script.append("cp -a " + from + (from.endsWith("/") ? "." : "") + " " + target + "\n");
            if (instruction.options().contains("--chmod=0755")) {
                script.append("chmod 0755 " + target + Path.of(source).getFileName() + "\n");
            }
        }
        return script.toString();
    }

    /** The source tree stays open as 9, for it may lie below a directory that is covered here. */
    private String mounts() {
        return """
            set -eu
            exec 9< '%2$s'
            mount --make-rprivate /
            mount --bind '%1$s/opt' /opt
            mount --bind '%1$s/lib' /var/lib
            mount --bind '%1$s/tmp' /tmp
            mount -o remount,ro,bind /
            cd /
            """.formatted(directory, Peers.root());
    }

    /**
     * Starts a container's process: as the image's user, over a read-only root, with an empty volume.
     *
     * @param name of the file of its output
     * @param before shell commands that come first, as root
     * @param more environment
     * @param arguments behind those of the image
     */
    Process run(String name, String before, Map<String, String> more, List<String> arguments) throws IOException {
        String[] user = image.only("USER").split(":");
        List<String> words = new ArrayList<>(Dockerfile.words(image.only("ENTRYPOINT")));
        words.addAll(Dockerfile.words(image.only("CMD")));
        words.addAll(arguments);
        String script = mounts() + before + """
            mount --bind /var/lib/weir /var/lib/weir
            mount -o remount,ro,bind /var/lib
            mount -o remount,ro,bind /opt
            exec setpriv --reuid %s --regid %s --clear-groups --no-new-privs '%s'
            """.formatted(user[0], user[1], String.join("' '", words));
        return start(script, output(name), more);
    }

    Path output(String name) {
        return directory.resolve(name + ".log");
    }

    /** What lies at that path of the volume for temporary files. */
    Path temporary(String name) {
        return directory.resolve("tmp").resolve(name);
    }

    /** What lies at that path of the data volume. */
    Path data(String name) {
        return directory.resolve("lib/weir").resolve(name);
    }

    private Process start(String script, Path output, Map<String, String> more) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("/usr/bin/unshare", "--mount", "bash", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().putAll(more);
        return builder.start();
    }
}
