using Koubou.Contracts;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Backends.AgentCli;

/// <summary>A node whose one agent, named "helper", is a shell script.</summary>
internal sealed class AgentBench(ScriptedScheduler scheduler, NodeHarness node, SchedulerSession session, string folder)
    : IAsyncDisposable
{
    public SchedulerSession Session => session;

    public ArtifactBox Artifacts => scheduler.Artifacts;

    public NodeHarness Node => node;

    /// <summary>Tasks may name it.</summary>
    public string Folder => folder;

    /// <param name="script">What the agent does, in bash. Its arguments are those of the settings.</param>
    /// <param name="settings">By name below the agent's section.</param>
    /// <param name="prepare">Makes the scheduler ready.</param>
    public static async Task<AgentBench> StartAsync(
        string script, Action<Dictionary<string, string?>>? settings = null, Action<ScriptedScheduler>? prepare = null)
    {
        var folder = Directory.CreateTempSubdirectory("koubou-agent-").FullName;
        var file = Path.Combine(folder, "helper.sh");
        await ScriptFile.WriteAsync(file, script);
        var work = Directory.CreateDirectory(Path.Combine(folder, "work")).FullName;
        var scheduler = await ScriptedScheduler.StartAsync();
        prepare?.Invoke(scheduler);
        var node = await NodeHarness.StartAsync(scheduler, values =>
        {
            var own = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Command"] = file, ["Zone"] = "Local" };
            settings?.Invoke(own);
            foreach (var (name, value) in own)
            {
                values[name.StartsWith("Koubou:", StringComparison.Ordinal) ? name : $"Koubou:Worker:Agents:Clis:helper:{name}"] = value;
            }

            values["Koubou:Worker:Agents:Folders:0"] = work;
            values["Koubou:Worker:Codex:Enabled"] = "false";
        });
        return new AgentBench(scheduler, node, await scheduler.SessionAsync(), work);
    }

    public static TaskSpec Task(string prompt = "Do it.") => new() { Type = "general", Prompt = prompt, Backend = "helper" };

    public async Task<Completed> CompletedAsync(TaskSpec spec) =>
        await session.CompletedAsync(await session.AssignAsync(spec));

    public async Task<Failed> FailedAsync(TaskSpec spec) => await session.FailedAsync(await session.AssignAsync(spec));

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await scheduler.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }
}
