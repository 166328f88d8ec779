using System.Diagnostics;
using Koubou.OllamaStandIn;
using Koubou.Worker.Processes;
using Koubou.Worker.Tests.Harness;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Koubou.Worker.Tests.Processes;

public sealed class ChildProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("koubou-child-").FullName;
    private readonly List<ChildProcesses> _made = [];

    public static TheoryData<bool> Ways => [true, false];

    public void Dispose()
    {
        _made.ForEach(children => children.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Machine_OfTheTests_AllowsEnclosures() =>
        Assert.True((await Children(enclosed: true).EnclosureAsync()).Encloses);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Program_GetsThePromptAndTheEndOfIt_AndItsLinesComeBack(bool enclosed)
    {
        var lines = new List<string>();

        var exit = await RunAsync(enclosed, "cat; pwd; echo oops >&2; exit 7", lines.Add, input: "line 1\n行 2");

        Assert.Equal(["line 1", "行 2" + _folder], lines);
        Assert.Equal(7, exit.Code);
        Assert.Equal("oops", exit.Errors);
    }

    [Fact]
    public async Task Prompt_ThatNobodyReads_DoesNotHoldUpTheEnd()
    {
        var exit = await RunAsync(enclosed: true, "exit 3", input: new string('x', 4 * 1024 * 1024));

        Assert.Equal(3, exit.Code);
    }

    [Fact]
    public async Task Environment_IsTheListAndNothingElse()
    {
        Environment.SetEnvironmentVariable("KOUBOU_TEST_SECRET", "join-key");
        Environment.SetEnvironmentVariable("KOUBOU_TEST_PASSED", "fine");
        var lines = new List<string>();
        var environment = CleanEnvironment.Create("/home/own", _folder, ["KOUBOU_TEST_PASSED"]);

        await RunAsync(enclosed: true, "env", lines.Add, environment: environment);

        Assert.DoesNotContain(lines, line => line.Contains("join-key", StringComparison.Ordinal));
        Assert.Contains("KOUBOU_TEST_PASSED=fine", lines);
        Assert.Contains("HOME=/home/own", lines);
        Assert.Contains($"TMPDIR={_folder}", lines);
        Assert.All(lines, line => Assert.Matches("^(PATH|LANG|LC_|TZ|SSL_|NODE_EXTRA|HOME|USERPROFILE|TMP|TEMP|TMPDIR|KOUBOU_|PWD|SHLVL|_)", line));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Cancel_EndsGrandchildrenWithSessionsOfTheirOwn(bool enclosed)
    {
        await using var life = new LifeLine();
        using var cancel = new CancellationTokenSource();
        // An orphan in its own session, with output redirected: nothing ties it to its parent any more.
        var running = RunAsync(
            enclosed,
            $"(setsid setsid {life.Hold("orphan")} </dev/null >/dev/null 2>&1 &) ; {life.Hold("child")}",
            cancel: cancel.Token);
        await life.BornAsync("orphan");
        await life.BornAsync("child");

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        await life.DeadAsync("child");
        await life.DeadAsync("orphan");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task End_OfTheProgram_LeavesNothingBehind(bool enclosed)
    {
        await using var life = new LifeLine();
        var born = Path.Combine(_folder, "born");
        Assert.Equal(0, (await RunAsync(enclosed, $"mkfifo {born}")).Code);

        // The orphan keeps standard output: only its own end closes the pipe.
        var exit = await RunAsync(
            enclosed,
            $"setsid bash -c 'exec 9<>/dev/tcp/127.0.0.1/{life.Port}; echo orphan >&9; echo >{born}; sleep 600' & read x <{born}");

        Assert.Equal(0, exit.Code);
        await life.DeadAsync("orphan");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Program_ThatIgnoresEverySignalItCan_EndsAtItsTimeout(bool enclosed)
    {
        await using var life = new LifeLine();

        var fault = await Assert.ThrowsAsync<ChildException>(() => RunAsync(
            enclosed, $"trap '' TERM INT HUP; {life.Hold("stubborn")}; sleep 600", timeout: TimeSpan.FromSeconds(1)));

        Assert.Equal(ChildFault.TimedOut, fault.Fault);
        await life.DeadAsync("stubborn");
    }

    [Theory]
    [InlineData("yes a-line")]
    [InlineData("head -c 100000000 /dev/zero | tr '\\0' x")]
    public async Task Program_ThatWritesWithoutEnd_IsStopped(string script)
    {
        var fault = await Assert.ThrowsAsync<ChildException>(() => RunAsync(enclosed: true, script));

        Assert.Equal(ChildFault.WroteTooMuch, fault.Fault);
    }

    [Fact]
    public async Task Complaints_WithoutEnd_KeepTheirLastPart()
    {
        var exit = await RunAsync(enclosed: true, "head -c 1000000 /dev/zero | tr '\\0' x >&2; echo the end >&2");

        Assert.EndsWith("the end", exit.Errors, StringComparison.Ordinal);
        Assert.InRange(exit.Errors.Length, 1000, 10_000);
    }

    [Fact]
    public async Task Reader_ThatFails_EndsTheProgram() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(
            enclosed: true, "echo go; sleep 600", _ => throw new InvalidDataException("no")));

    [Theory]
    [InlineData("no-such-program")]
    [InlineData("/etc/passwd")]
    public async Task Program_ThatIsNone_IsNamed(string program)
    {
        var fault = await Assert.ThrowsAsync<ChildException>(() => Children(enclosed: true).RunAsync(
            Command("") with { Program = program }, _ => ValueTask.CompletedTask, CancellationToken.None));

        Assert.Equal(ChildFault.NotStarted, fault.Fault);
        Assert.Contains(program, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Runs_ManyAtOnce_AllEnd(bool enclosed)
    {
        var children = Children(enclosed);

        var exits = await Task.WhenAll(Enumerable.Range(0, 24).Select(n => children.RunAsync(
            Command($"sleep 0.0{n % 10}; exit {n}"), _ => ValueTask.CompletedTask, CancellationToken.None)));

        Assert.Equal(Enumerable.Range(0, 24), exits.Select(exit => exit.Code));
    }

    [Fact]
    public async Task Guard_WhenItsInputCloses_KillsWhatCarriesTheMark()
    {
        await using var life = new LifeLine();
        using var spawner = new Spawner();
        var guard = await LooseEndGuard.StartAsync(spawner, "guarded-node");
        var info = new ProcessStartInfo("setsid", ["bash", "-c", life.Hold("guarded")]) { UseShellExecute = false };
        info.Environment[MarkedProcesses.Variable] = "guarded-node.run";
        using var child = await spawner.StartAsync(info);
        await life.BornAsync("guarded");

        // As the kernel does it when the worker is killed.
        guard!.Dispose();

        await life.DeadAsync("guarded");
    }

    private ChildProcesses Children(bool enclosed)
    {
        var logger = NullLogger<ChildProcesses>.Instance;
        var children = enclosed
            ? new ChildProcesses(TimeProvider.System, logger, Enclosure.FindAsync)
            : new ChildProcesses(TimeProvider.System, logger, _ => Task.FromResult(Enclosure.None));
        _made.Add(children);
        return children;
    }

    private ChildCommand Command(string script) => new()
    {
        Program = "/bin/bash",
        Arguments = ["-c", script],
        Folder = _folder,
        Environment = CleanEnvironment.Create(_folder, _folder, []),
        Timeout = Patience.Limit,
        LineCharsMax = 1024 * 1024,
        OutputCharsMax = 2 * 1024 * 1024,
    };

    private Task<ChildExit> RunAsync(
        bool enclosed, string script, Action<string>? onLine = null, string input = "", TimeSpan? timeout = null,
        Dictionary<string, string>? environment = null, CancellationToken cancel = default)
    {
        var command = Command(script) with { Input = input, Timeout = timeout ?? Patience.Limit };
        if (environment is not null)
        {
            command = command with { Environment = environment };
        }

        return Children(enclosed).RunAsync(
            command,
            line =>
            {
                onLine?.Invoke(line);
                return ValueTask.CompletedTask;
            },
            cancel);
    }
}
