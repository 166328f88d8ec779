using Koubou.Contracts;
using Koubou.Worker.Tests.Harness;
using Koubou.Worker.Tests.Processes;

namespace Koubou.Worker.Tests.Backends.CodexCli;

public sealed class CodexAgentTests
{
    [Fact]
    public async Task Codex_Answers_WithItsLastMessage_AndTheRecordSaysWho()
    {
        await using var bench = await CodexBench.StartAsync();
        bench.Model.Run("echo from-the-command");
        bench.Model.Say("工房から、こんにちは。");

        var assignment = await bench.Session.AssignAsync(CodexBench.Task("Say hello, in Japanese: 挨拶"));
        var completed = await bench.Session.CompletedAsync(assignment);

        Assert.Equal("工房から、こんにちは。", completed.Output);
        Assert.Equal(("codex", "test-model", Zone.Cloud), (completed.Facts.Backend, completed.Facts.Model, completed.Facts.Zone));
        Assert.Equal((22, 14), (completed.Facts.Usage.PromptTokens, completed.Facts.Usage.CompletionTokens));
        Assert.Contains("挨拶", bench.Model.Requests.Items[0].ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
        Assert.Contains("from-the-command", bench.Model.CommandOutput(), StringComparison.Ordinal);
        Assert.Empty(completed.Artifacts);
        await bench.Session.ProgressAsync(assignment, "echo from-the-command");
    }

    [Fact]
    public async Task Offer_NamesCodex_AsCloud_AndAsHealthy()
    {
        await using var bench = await CodexBench.StartAsync();

        var offer = await bench.Session.Frames.FirstAsync(
            frame => frame.Offer?.Backends.Any(backend => backend.Name == "codex" && backend.Healthy) == true, Patience.Limit);

        var codex = offer.Offer.Backends.Single(backend => backend.Name == "codex");
        Assert.Equal(Zone.Cloud, codex.Zone);
        Assert.StartsWith("codex-cli", codex.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DataPolicy.Local)]
    [InlineData(DataPolicy.Private)]
    [InlineData(DataPolicy.Unspecified)]
    public async Task ConfidentialTask_NeverReachesCodex(DataPolicy policy)
    {
        await using var bench = await CodexBench.StartAsync();
        var spec = CodexBench.Task();
        spec.DataPolicy = policy;

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal("policy_refused", failed.Error.Code);
        Assert.Empty(bench.Model.Requests.Items);
    }

    [Fact]
    public async Task CodexOnALocalModel_CountsAsCloudAllTheSame()
    {
        await using var bench = await CodexBench.StartAsync(
            values => values["Koubou:Worker:Codex:LocalProvider"] = "ollama");
        var spec = CodexBench.Task();
        spec.DataPolicy = DataPolicy.Local;

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal("policy_refused", failed.Error.Code);
    }

    [Fact]
    public async Task Sandbox_ByDefault_LetsCommandsReadOnly_AndTheHealthDetailSaysHowToMendIt()
    {
        await using var bench = await CodexBench.StartAsync();
        var repository = bench.NewRepository();
        bench.Model.Run("cat greeting.txt; echo changed > greeting.txt");
        bench.Model.Say("I could not write.");

        var completed = await bench.Session.CompletedAsync(
            await bench.Session.AssignAsync(CodexBench.Task("Change it.", ("folder", repository))));

        Assert.Contains("hello", bench.Model.CommandOutput(), StringComparison.Ordinal);
        Assert.Contains("Read-only file system", bench.Model.CommandOutput(), StringComparison.Ordinal);
        Assert.Equal("hello\n", File.ReadAllText(Path.Combine(repository, "greeting.txt")));
        Assert.Empty(completed.Artifacts);
        var offer = await bench.Session.Frames.FirstAsync(
            frame => frame.Offer?.Backends.Any(b => b.Detail.Contains("because of its sandbox", StringComparison.Ordinal)) == true,
            Patience.Limit);
        var codex = offer.Offer.Backends.Single(b => b.Name == "codex");
        Assert.Contains("workspace-write", codex.Detail, StringComparison.Ordinal);
        Assert.Equal(codex.Detail, codex.Advice);
    }

    [Fact]
    public async Task WorkspaceWrite_ReturnsTheChangeAsAPatch_AndLeavesTheRepositoryAlone()
    {
        await using var bench = await CodexBench.StartAsync();
        var repository = bench.NewRepository();
        var outside = Path.Combine(bench.Folders, "outside.txt");
        bench.Model.Run($"echo changed > greeting.txt; printf '\\001\\377' > binary.dat; echo x > {outside}; echo y > .git/config; git log --oneline");
        bench.Model.Say("Done.");

        var completed = await bench.Session.CompletedAsync(await bench.Session.AssignAsync(
            CodexBench.Task("Change it.", ("folder", repository), ("sandbox", "workspace-write"))));

        var patch = Assert.Single(completed.Artifacts);
        Assert.Equal(("changes.patch", "text/x-diff"), (patch.Name, patch.MediaType));
        Assert.Contains("first", bench.Model.CommandOutput(), StringComparison.Ordinal);
        Assert.Equal("hello\n", File.ReadAllText(Path.Combine(repository, "greeting.txt")));
        Assert.False(File.Exists(outside));
        var file = Path.Combine(bench.Folders, "received.patch");
        File.WriteAllBytes(file, bench.Artifacts.Kept.Items.Single().Content);
        CodexBench.Git(repository, "apply", file);
        Assert.Equal("changed\n", File.ReadAllText(Path.Combine(repository, "greeting.txt")));
        Assert.Equal([1, 255], File.ReadAllBytes(Path.Combine(repository, "binary.dat")));
    }

    [Fact]
    public async Task WorkspaceWrite_ByTheTaskType_InAFolderWithoutGit_ReturnsAPatchToo()
    {
        await using var bench = await CodexBench.StartAsync(prepare: scheduler => scheduler.TaskTypes.Add(new TaskType
        {
            Name = "code", Options = { ["sandbox"] = "\"workspace-write\"" },
        }));
        var folder = Directory.CreateDirectory(Path.Combine(bench.Folders, "plain")).FullName;
        File.WriteAllText(Path.Combine(folder, "old.txt"), "old\n");
        bench.Model.Run("mv old.txt new.txt");
        bench.Model.Say("Renamed.");

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(CodexBench.Task("Rename.", ("folder", folder))));

        Assert.Contains("old.txt", bench.Artifacts.Text("changes.patch"), StringComparison.Ordinal);
        Assert.Contains("new.txt", bench.Artifacts.Text("changes.patch"), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "old.txt")));
    }

    [Fact]
    public async Task FullAccess_WithoutTheOptIn_IsRefused()
    {
        await using var bench = await CodexBench.StartAsync();

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(
            CodexBench.Task("x", ("sandbox", "danger-full-access"))));

        Assert.Equal("sandbox_refused", failed.Error.Code);
        Assert.Contains("CODEX_UNSAFE_ALLOW_NO_SANDBOX=1", failed.Error.Message, StringComparison.Ordinal);
        Assert.Empty(bench.Model.Requests.Items);
    }

    [Fact]
    public async Task FullAccess_WithTheOptIn_WritesOutside()
    {
        await using var bench = await CodexBench.StartAsync(values => values["CODEX_UNSAFE_ALLOW_NO_SANDBOX"] = "1");
        var outside = Path.Combine(bench.Folders, "outside.txt");
        bench.Model.Run($"echo free > {outside}");
        bench.Model.Say("Done.");

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(CodexBench.Task()));

        Assert.Equal("free\n", File.ReadAllText(outside));
    }

    [Fact]
    public async Task FullAccess_Cancelled_EndsGrandchildrenWithSessionsOfTheirOwn()
    {
        await using var life = new LifeLine();
        await using var bench = await CodexBench.StartAsync(values => values["CODEX_UNSAFE_ALLOW_NO_SANDBOX"] = "1");
        bench.Model.Run($"(setsid {life.Hold("orphan")} </dev/null >/dev/null 2>&1 &); {life.Hold("command")}");
        var assignment = await bench.Session.AssignAsync(CodexBench.Task());
        await life.BornAsync("orphan");
        await life.BornAsync("command");

        await bench.Session.EndAsync(assignment, EndReason.Cancelled);

        await life.DeadAsync("command");
        await life.DeadAsync("orphan");
        await bench.Session.Credits.FirstAsync(_ => bench.Session.Credit == bench.Node.Pool.Slots, Patience.Limit);
    }

    [Fact]
    public async Task Provider_ThatNeverAnswers_EndsAtCodexsOwnTimeout()
    {
        await using var bench = await CodexBench.StartAsync(values => values["Koubou:Worker:Codex:Timeout"] = "00:00:02");
        bench.Model.KeepSilent();

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(CodexBench.Task()));

        Assert.Equal(("timeout", FailureKind.Transient), (failed.Error.Code, failed.Error.Kind));
    }

    [Theory]
    [InlineData(401, "no key", "codex_unauthorized", FailureKind.Permanent)]
    [InlineData(429, "slow down", "backend_busy", FailureKind.Transient)]
    [InlineData(500, "broken", "codex_failed", FailureKind.Transient)]
    public async Task Provider_ThatRefuses_FailsTheAttemptInPlainWords(int status, string said, string code, FailureKind kind)
    {
        await using var bench = await CodexBench.StartAsync();
        bench.Model.Fail(status, said);

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(CodexBench.Task()));

        Assert.Equal((code, kind), (failed.Error.Code, failed.Error.Kind));
        Assert.NotEmpty(failed.Error.Message);
    }

    [Fact]
    public async Task Schema_GoesToTheModel_AndAWrongAnswerGoesBackWithItsFault()
    {
        await using var bench = await CodexBench.StartAsync();
        bench.Model.Say("""{"count":"three"}""");
        bench.Model.Say("""{"count":3}""");
        var spec = CodexBench.Task();
        spec.OutputSchema = """{"type":"object","properties":{"count":{"type":"integer"}},"required":["count"],"additionalProperties":false}""";

        var completed = await bench.Session.CompletedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal("""{"count":3}""", completed.StructuredOutput);
        Assert.Equal("integer", (string?)bench.Model.Requests.Items[0]["text"]?["format"]?["schema"]?["properties"]?["count"]?["type"]);
        Assert.Contains("/count must be of the type", bench.Model.Requests.Items[1].ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_SeeNeitherTheWorkersSecretsNorCodexsKey()
    {
        Environment.SetEnvironmentVariable("KOUBOU_TEST_SECRET", "join-key-of-the-node");
        Environment.SetEnvironmentVariable("OPENAI_API_KEY", "sk-of-the-tests");
        await using var bench = await CodexBench.StartAsync();
        bench.Model.Run("env");
        bench.Model.Say("Seen.");

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(CodexBench.Task()));

        Environment.SetEnvironmentVariable("OPENAI_API_KEY", null);
        Assert.Contains("HOME=", bench.Model.CommandOutput(), StringComparison.Ordinal);
        Assert.DoesNotContain("join-key-of-the-node", bench.Model.CommandOutput(), StringComparison.Ordinal);
        Assert.DoesNotContain("sk-of-the-tests", bench.Model.CommandOutput(), StringComparison.Ordinal);
        Assert.DoesNotContain("CODEX_HOME", bench.Model.CommandOutput(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("relative/folder")]
    [InlineData("{folders}/../..")]
    [InlineData("{folders}/none")]
    [InlineData("{folders}/link-out")]
    public async Task Folder_OutsideOfTheAllowed_IsRefused(string folder)
    {
        await using var bench = await CodexBench.StartAsync();
        Directory.CreateSymbolicLink(Path.Combine(bench.Folders, "link-out"), "/etc");
        var named = folder.Replace("{folders}", bench.Folders, StringComparison.Ordinal);

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(CodexBench.Task("x", ("folder", named))));

        Assert.Equal("folder_refused", failed.Error.Code);
        Assert.Empty(bench.Model.Requests.Items);
    }

    [Fact]
    public async Task Sandbox_OfAnotherWord_IsRefused()
    {
        await using var bench = await CodexBench.StartAsync();

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(CodexBench.Task("x", ("sandbox", "none"))));

        Assert.Equal("bad_option", failed.Error.Code);
    }

    [Fact]
    public async Task Codex_NotInstalled_IsOfferedAsIll_AndItsTasksComeBack()
    {
        await using var bench = await CodexBench.StartAsync(values => values["Koubou:Worker:Codex:Command"] = "codex-is-not-here");

        var offer = await bench.Session.Frames.FirstAsync(
            frame => frame.Offer?.Backends.Any(backend => backend.Detail.Contains("npm install", StringComparison.Ordinal)) == true,
            Patience.Limit);
        var givenBack = await bench.Session.GivenBackAsync(await bench.Session.AssignAsync(CodexBench.Task()));

        Assert.False(offer.Offer.Backends.Single(backend => backend.Name == "codex").Healthy);
        Assert.Equal("agent_missing", givenBack.Reason.Code);
        Assert.Contains("npm install -g @openai/codex", givenBack.Reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_LeaveNoFolderBehind()
    {
        await using var bench = await CodexBench.StartAsync();
        bench.Model.Run("mkdir -p a/b; chmod 500 a");
        bench.Model.Say("Done.");

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(CodexBench.Task("x", ("sandbox", "workspace-write"))));

        var work = Path.Combine(bench.Node.Home, "work");
        Assert.Empty(Directory.EnumerateDirectories(work).SelectMany(Directory.EnumerateDirectories));
    }
}
