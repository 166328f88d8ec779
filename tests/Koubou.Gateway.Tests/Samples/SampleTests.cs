using System.Diagnostics;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Samples;

/// <summary>The samples of clients and of a task type, run as they stand.</summary>
public sealed class SampleTests
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../samples"));

    [Fact]
    public async Task CSharpClient_SubmitsAndHearsOfEveryChange()
    {
        await using var workshop = await WorkshopFixture.StartAsync();
        await using var node = await workshop.JoinAsync("general");
        var output = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        var program = Path.Combine(Folder, "CSharpClient", "bin", output[^2], output[^1], "CSharpClient.dll");

        var running = RunAsync("dotnet", [program, workshop.Gateway.Main.ToString(), "first", "second"]);
        var first = await node.TakeAsync();
        await node.CompleteAsync(first, "one");
        var second = await node.TakeAsync();
        await node.FailAsync(second, "refused", "The model refuses.");
        var (code, printed) = await running;

        Assert.Equal(0, code);
        Assert.Contains($"{first.TaskId} running\n", printed, StringComparison.Ordinal);
        Assert.Contains($"{first.TaskId} succeeded\none\n", printed, StringComparison.Ordinal);
        Assert.EndsWith($"{second.TaskId} failed\n", printed, StringComparison.Ordinal);
        Assert.Equal("csharp-sample", first.Spec.Client);
    }

    [Fact]
    public async Task ShellClient_PrintsTheAnswer_OrWhyThereIsNone()
    {
        await using var workshop = await WorkshopFixture.StartAsync();
        await using var node = await workshop.JoinAsync("code");
        var program = Path.Combine(Folder, "shell-client", "ask.sh");
        var at = ("KOUBOU_URL", workshop.Gateway.Main.ToString());

        var asking = RunAsync(program, ["Say \"hello\"\\\nin\tone word 工房", "code"], at);
        var work = await node.TakeAsync();
        await node.CompleteAsync(work, "Hello");
        var answered = await asking;
        var failing = RunAsync(program, ["x", "code"], at);
        await node.FailAsync(await node.TakeAsync(), "refused", "The model refuses.");
        var failed = await failing;
        var refused = await RunAsync(program, ["x", "nothing"], at);

        Assert.Equal("Say \"hello\"\\\nin\tone word 工房", work.Spec.Prompt);
        Assert.Equal((0, "Hello\n"), answered);
        Assert.Equal(1, failed.Code);
        Assert.Contains("The model refuses.", failed.Printed, StringComparison.Ordinal);
        Assert.Equal(1, refused.Code);
        Assert.Contains("nothing", refused.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PythonClient_AsksOfEachFile_AndPrintsAnswersAsTheyCome()
    {
        await using var workshop = await WorkshopFixture.StartAsync();
        await using var node = await workshop.JoinAsync("code");
        var files = new[] { Path.Combine(workshop.Home, "a.py"), Path.Combine(workshop.Home, "b.py") };
        await File.WriteAllTextAsync(files[0], "print('工房')");
        await File.WriteAllTextAsync(files[1], "print(2)");

        var asking = RunAsync(
            "/usr/bin/python3",
            [Path.Combine(Folder, "python-client", "review_files.py"), "Name one fault", .. files],
            ("KOUBOU_URL", workshop.Gateway.Main.ToString()));
        var first = await node.TakeAsync();
        await node.CompleteAsync(first, "none");
        await node.CompleteAsync(await node.TakeAsync(), "a number");
        var run = await asking;

        Assert.Equal("Name one fault\n\nprint('工房')", first.Spec.Prompt);
        Assert.Equal((0, $"== {files[0]}: succeeded\nnone\n== {files[1]}: succeeded\na number\n"), run);
    }

    [Fact]
    public async Task TaskType_OfTheSample_HasItsRouteAndItsDefaults()
    {
        var home = Directory.CreateTempSubdirectory("koubou-type-").FullName;
        Directory.CreateDirectory(Path.Combine(home, "config"));
        File.Copy(Path.Combine(Folder, "TaskTypes", "koubou.json"), Path.Combine(home, "config", "koubou.json"));
        await using var scheduler = await SchedulerHost.StartAsync(home);
        await using var gateway = GatewayHost.Start(
            home, ("Koubou:Scheduler:Address", scheduler.Address), ("Koubou:Web:Address", "http://127.0.0.1:9"));
        await using var node = await ScriptedNode.JoinAsync(scheduler.Address, "commit-message");

        var answer = await gateway.Http.PostAsync("/task/commit-message", """{"prompt":"- old\n+ new"}""");
        var work = await node.TakeAsync();

        Assert.Equal(answer["task_id"].GetString(), work.TaskId);
        Assert.Equal("commit-message", work.Spec.Type);
        var type = (await gateway.Http.ReadAsync("/api/v1/types"))["types"].EnumerateArray().Single(known => known.Text("name") == "commit-message");
        Assert.StartsWith("You write commit messages", type.Text("system_prompt"), StringComparison.Ordinal);
        Assert.Equal(72, type.GetProperty("output_schema").GetProperty("properties").GetProperty("subject").GetProperty("maxLength").GetInt32());
    }

    private static async Task<(int Code, string Printed)> RunAsync(
        string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, printed + await errors);
    }
}
