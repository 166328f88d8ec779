using System.Diagnostics;
using Koubou.Worker.Tests.Backends.AgentCli;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Processes;

public sealed class KilledWorkerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Worker_KilledAtOnce_TakesItsAgentsTreeAlong(bool enclosed)
    {
        await using var life = new LifeLine();
        await using var scheduler = await ScriptedScheduler.StartAsync();
        var home = Directory.CreateTempSubdirectory("koubou-killed-").FullName;
        var script = Path.Combine(home, "agent.sh");
        await ScriptFile.WriteAsync(
            script, $"(setsid setsid {life.Hold("orphan")} </dev/null >/dev/null 2>&1 &)\n{life.Hold("agent")}");
        using var worker = Start(scheduler, home, script, enclosed);
        try
        {
            var session = await scheduler.SessionAsync();
            await session.AssignAsync(AgentBench.Task());
            await life.BornAsync("agent");
            await life.BornAsync("orphan");

            worker.Kill();

            await life.DeadAsync("agent");
            await life.DeadAsync("orphan");
            await worker.WaitForExitAsync();
            await NextWorkerClearsUpAsync(scheduler, home, script, enclosed);
        }
        finally
        {
            worker.Kill();
            await worker.WaitForExitAsync();
            Directory.Delete(home, recursive: true);
        }
    }

    private static async Task NextWorkerClearsUpAsync(ScriptedScheduler scheduler, string home, string script, bool enclosed)
    {
        var work = Path.Combine(home, "work");
        var left = Assert.Single(Directory.EnumerateDirectories(work));
        using var next = Start(scheduler, home, script, enclosed);
        await scheduler.SessionAsync(2);
        next.Kill();
        await next.WaitForExitAsync();
        Assert.False(Directory.Exists(left));
    }

    private static Process Start(ScriptedScheduler scheduler, string home, string script, bool enclosed)
    {
        var info = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "Koubou.Worker.dll"), "--scheduler", scheduler.Address,
                $"--KOUBOU_HOME={home}", "--Koubou:Worker:Agents:Clis:helper:Zone=Local", "--Koubou:Worker:Codex:Enabled=false",
                $"--Koubou:Worker:Agents:Clis:helper:Command={script}", $"--Koubou:Worker:Agents:Enclose={enclosed}",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var worker = Process.Start(info)!;
        worker.OutputDataReceived += (_, _) => { };
        worker.ErrorDataReceived += (_, _) => { };
        worker.BeginOutputReadLine();
        worker.BeginErrorReadLine();
        return worker;
    }
}
