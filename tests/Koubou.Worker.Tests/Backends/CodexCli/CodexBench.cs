using Koubou.Contracts;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Backends.CodexCli;

/// <summary>The real Codex CLI between a scripted scheduler and a stand-in for its model.</summary>
internal sealed class CodexBench(ResponsesServer model, ScriptedScheduler scheduler, NodeHarness node, SchedulerSession session, string folders)
    : IAsyncDisposable
{
    public ResponsesServer Model => model;

    public SchedulerSession Session => session;

    public ArtifactBox Artifacts => scheduler.Artifacts;

    public NodeHarness Node => node;

    /// <summary>What lies inside, tasks may name.</summary>
    public string Folders => folders;

    public static Task<CodexBench> StartAsync(
        Action<Dictionary<string, string?>>? settings = null, Action<ScriptedScheduler>? prepare = null) =>
        StartAsync((values, _) => settings?.Invoke(values), prepare);

    /// <summary>With Codex closed in, and the stand-in as the Ollama of this machine.</summary>
    public static Task<CodexBench> StartClosedAsync(Action<Dictionary<string, string?>>? settings = null) =>
        StartAsync((values, model) =>
        {
            values.Remove("Koubou:Worker:Codex:Config:model_provider");
            values["Koubou:Worker:Codex:LocalProvider"] = "ollama";
            values["Koubou:Worker:Codex:Closed"] = "true";
            values["Koubou:Worker:Ollama:Endpoint"] = new Uri(model.Address).GetLeftPart(UriPartial.Authority);
            settings?.Invoke(values);
        });

    /// <summary>What the node tells of Codex, as soon as that fits.</summary>
    public async Task<Backend> OfferedAsync(Func<Backend, bool> fits)
    {
        var offer = await session.OfferAsync(offer => offer.Backends.Any(IsIt));
        return offer.Backends.Single(IsIt);

        bool IsIt(Backend backend) => backend.Name == "codex" && fits(backend);
    }

    private static async Task<CodexBench> StartAsync(
        Action<Dictionary<string, string?>, ResponsesServer> settings, Action<ScriptedScheduler>? prepare = null)
    {
        var folders = Directory.CreateTempSubdirectory("koubou-folders-").FullName;
        var model = await ResponsesServer.StartAsync();
        var scheduler = await ScriptedScheduler.StartAsync();
        prepare?.Invoke(scheduler);
        var node = await NodeHarness.StartAsync(scheduler, values =>
        {
            values["Koubou:Worker:Codex:Enabled"] = "true";
            values["Koubou:Worker:Codex:Command"] = CodexProgramFile.Path;
            values["Koubou:Worker:Codex:Model"] = "test-model";
            values["Koubou:Worker:Codex:Config:model_provider"] = "\"stand-in\"";
            values["Koubou:Worker:Codex:Config:model_providers.stand-in"] =
                $$"""{name="stand-in",base_url="{{model.Address}}",wire_api="responses",request_max_retries=0,stream_max_retries=0}""";
            values["Koubou:Worker:Agents:Folders:0"] = folders;
            values["CODEX_UNSAFE_ALLOW_NO_SANDBOX"] = "";
            settings(values, model);
        });
        return new CodexBench(model, scheduler, node, await scheduler.SessionAsync(), folders);
    }

    /// <summary>A task for Codex, which is in the cloud.</summary>
    public static TaskSpec Task(string prompt = "Say hello.", params (string Name, string Value)[] options)
    {
        var spec = new TaskSpec { Type = "code", Prompt = prompt, Backend = "codex", DataPolicy = DataPolicy.Any };
        foreach (var (name, value) in options)
        {
            spec.Options[name] = System.Text.Json.JsonSerializer.Serialize(value);
        }

        return spec;
    }

    /// <summary>A git repository with one commit.</summary>
    public string NewRepository()
    {
        var folder = Path.Combine(folders, "repository");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "greeting.txt"), "hello\n");
        Git(folder, "init", "--quiet");
        Git(folder, "add", ".");
        Git(folder, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "first");
        return folder;
    }

    public static void Git(string folder, params string[] arguments)
    {
        using var git = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("git", arguments) { WorkingDirectory = folder })!;
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await scheduler.DisposeAsync();
        await model.DisposeAsync();
        Directory.Delete(folders, recursive: true);
    }
}
