package io.weir.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs a copy of the {@code weir} script in a tree of its own, with a Java and a Maven that only say what they got. */
class WeirScriptTest {

    private static final Path BASH = Path.of("/bin/bash");

    @TempDir
    private Path directory;

    private Path root;
    private Path tools;

    @BeforeEach
    void copyScript() throws IOException {
        Path original = Path.of("").toAbsolutePath();
        while (original != null && !Files.isRegularFile(original.resolve("weir"))) {
            original = original.getParent();
        }
        assumeTrue(original != null && Files.isExecutable(BASH), "needs bash and the project's tree");
        root = Files.createDirectories(directory.resolve("a tree"));
        tools = Files.createDirectories(directory.resolve("tools"));
        Files.copy(original.resolve("weir"), root.resolve("weir"));
        Files.createDirectories(root.resolve("m/src/main"));
        Files.writeString(root.resolve("m/src/main/A.java"), "");
        script(
                tools.resolve("java"),
                "if [[ $1 == -version ]]; then echo 'openjdk version \"17.0.9\"' >&2; exit; fi\n"
                        + "echo \"cwd=$PWD args=$*\"");
        script(
                tools.resolve("mvn"),
                "echo \"mvn in $PWD: $*\" >> '" + directory.resolve("builds") + "'\n"
                        + "sleep 0.3; mkdir -p"
                        + " deploy/standalone/target/weir; : >"
                        + " deploy/standalone/target/weir/weir.jar");
    }

    @Test
    void withoutJavaItSaysSo() throws Exception {
        Run run = run(Map.of("PATH", directory.resolve("empty").toString()), root.resolve("weir"), "--help");

        assertThat(run.exitCode).isEqualTo(1);
        assertThat(run.output)
                .isEqualTo("weir: No Java found (expected: java on the PATH or JAVA_HOME set, a JDK, 17 or later)\n");
    }

    @Test
    void anOldJavaIsNamed() throws Exception {
        script(tools.resolve("java"), "echo 'java version \"1.8.0_202\"' >&2");
        Run run = run(path(), root.resolve("weir"), "--help");

        assertThat(run.exitCode).isEqualTo(1);
        assertThat(run.output).contains("is Java 1 (expected: 17 or later)");
    }

    @Test
    void itBuildsOnceAndThenRuns() throws Exception {
        Run first = run(path(), root.resolve("weir"), "query", "SELECT 1");
        Run second = run(path(), root.resolve("weir"), "serve");

        assertThat(first.output)
                .contains("Building Weir")
                .contains("cwd=" + directory.toRealPath())
                .contains("-XX:TieredStopAtLevel=1")
                .endsWith("weir.jar query SELECT 1\n");
        assertThat(second.output)
                .doesNotContain("Building")
                .contains("-Xmx1g", "@" + root.toRealPath() + "/deploy/standalone/target/weir/serve.options")
                .endsWith("weir.jar serve\n");
        assertThat(builds())
                .containsExactly("mvn in " + root.toRealPath()
                        + ": -q -B -Pquick package -DskipTests -pl deploy/standalone -am");
    }

    @Test
    void aNewerSourceIsBuilt() throws Exception {
        run(path(), root.resolve("weir"), "--version");
        Path source = root.resolve("m/src/main/A.java");
        Files.setLastModifiedTime(source, FileTime.fromMillis(System.currentTimeMillis() + 5_000));
        run(path(), root.resolve("weir"), "--version");

        assertThat(builds()).hasSize(2);
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/flock")), "needs flock");
        Process one = start(path(), root.resolve("weir"), "--version");
        Process two = start(path(), root.resolve("weir"), "--version");

        assertThat(one.waitFor() + two.waitFor()).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void itFindsItsTreeThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("linked"), Path.of("a tree/weir"));
        Run run = run(path(), link, "--version");

        assertThat(run.exitCode).as(run.output).isZero();
        assertThat(run.output).contains("-jar " + root.toRealPath());
    }

    @Test
    void aFailedBuildShowsTheEndOfItsLog() throws Exception {
        script(tools.resolve("mvn"), "echo 'cannot find symbol'; exit 1");
        Run run = run(path(), root.resolve("weir"), "--version");

        assertThat(run.exitCode).isEqualTo(1);
        assertThat(run.output).contains("cannot find symbol", "weir: The build failed");
    }

    private record Run(int exitCode, String output) {}

    private Map<String, String> path() {
        return Map.of("PATH", tools + ":/usr/bin:/bin");
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(directory.resolve("builds"));
    }

    private Run run(Map<String, String> environment, Path script, String... arguments) throws Exception {
        Process process = start(environment, script, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), output);
    }

    private Process start(Map<String, String> environment, Path script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(BASH.toString(), script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/bash\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
