using Koubou.ServiceDefaults.Home;
using Koubou.Worker.Backends.CodexCli.Closed;
using Koubou.Worker.Processes;
using Koubou.Worker.Processes.Relays;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.CodexCli;

/// <summary>The installed Codex: starts it, and finds out whether it can work.</summary>
internal sealed class CodexProgram
{
    private readonly CodexOptions _options;
    private readonly ChildProcesses _children;

    public CodexProgram(IOptions<CodexOptions> options, ChildProcesses children, IConfiguration configuration)
    {
        _options = options.Value;
        _children = children;
        Home = Path.GetFullPath(_options.Home.Length > 0
            ? _options.Home
            : Path.Combine(KoubouHome.Resolve(configuration).Root, "codex"));
    }

    /// <summary>The <c>CODEX_HOME</c> of all runs.</summary>
    public string Home { get; }

    public Task<ChildExit> RunAsync(
        IReadOnlyList<string> arguments, string folder, string home, string temporary, string input, TimeSpan timeout,
        Func<string, ValueTask> onLine, Func<string, bool> takesErrorLine, LoopbackRelay? relay, CancellationToken stop)
    {
        Directory.CreateDirectory(Home);
        var environment = CleanEnvironment.Create(home, temporary, _options.PassEnvironment);
        environment["CODEX_HOME"] = Home;
        // What its sandbox denied is told in this log alone, without any content.
        environment["RUST_LOG"] = $"error,{CodexTranscript.LogName}=info";
        if (relay is not null)
        {
            environment["CODEX_OSS_BASE_URL"] = $"http://127.0.0.1:{relay.Port}/v1";
        }

        return _children.RunAsync(
            new ChildCommand
            {
                Program = _options.Command,
                Arguments = arguments,
                Folder = folder,
                Environment = environment,
                Input = input,
                Timeout = timeout,
                Relay = relay,
                TakesErrorLine = takesErrorLine,
            },
            onLine, stop);
    }

    /// <summary>Is it there, can it be closed in if it is to be, does its sandbox work, does it have a login.</summary>
    public async Task<CodexState> LookAsync(bool sandboxed, TimeSpan timeout, CancellationToken stop)
    {
        var scratch = Directory.CreateTempSubdirectory("koubou-codex-").FullName;
        try
        {
            var (found, version) = await AskAsync(["--version"], scratch, timeout, stop);
            if (found.Code != 0)
            {
                return new CodexState(version, $"Codex does not start: {found.Errors}");
            }

            var relay = _options.Closed ? ModelDoor.RelayIn(scratch) : null;
            if (relay is not null && await WhyNotClosedAsync(relay, scratch, timeout, stop) is { } reason)
            {
                return new CodexState(version, CodexSentences.NotClosed(reason));
            }

            if (sandboxed
                && await AskAsync(["sandbox", "--", "true"], scratch, timeout, stop, relay) is { Exit: { Code: not 0 } refused })
            {
                return new CodexState(version, CodexSentences.SandboxBroken(LastLine(refused.Errors)));
            }

            return await HasLoginAsync(scratch, timeout, stop)
                ? new CodexState(version, Trouble: null, _options.Closed)
                : new CodexState(version, CodexSentences.NoLogin(Home));
        }
        catch (ChildException exception)
        {
            return exception.Fault == ChildFault.NotStarted
                ? new CodexState(Version: null, CodexSentences.Missing(_options.Command))
                : new CodexState(Version: "", $"Codex does not answer: {exception.Message}");
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    // Tried out, not looked up: what a machine allows is known to its kernel alone.
    private async Task<string?> WhyNotClosedAsync(
        LoopbackRelay relay, string scratch, TimeSpan timeout, CancellationToken stop)
    {
        if (!(await _children.EnclosureAsync()).Encloses)
        {
            return OperatingSystem.IsLinux() ? "it allows no namespaces" : "only Linux has namespaces";
        }

        try
        {
            var (exit, _) = await AskAsync(["--version"], scratch, timeout, stop, relay);
            return exit.Code == 0 ? null : LastLine(exit.Errors);
        }
        catch (ChildException exception)
        {
            return exception.Message;
        }
    }

    // A provider of one's own brings its own key, or needs none.
    private async Task<bool> HasLoginAsync(string scratch, TimeSpan timeout, CancellationToken stop) =>
        _options.LocalProvider.Length > 0
        || _options.Config.ContainsKey("model_provider")
        || _options.PassEnvironment.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 })
        || File.Exists(Path.Combine(Home, "config.toml"))
        || (await AskAsync(["login", "status"], scratch, timeout, stop)).Exit.Code == 0;

    private async Task<(ChildExit Exit, string Output)> AskAsync(
        string[] arguments, string scratch, TimeSpan timeout, CancellationToken stop, LoopbackRelay? relay = null)
    {
        var said = new List<string>();
        var exit = await RunAsync(
            arguments, scratch, scratch, scratch, input: "", timeout,
            line =>
            {
                said.Add(line);
                return ValueTask.CompletedTask;
            },
            CodexTranscript.IsLog, relay, stop);
        return (exit, string.Join(' ', said));
    }

    private static string LastLine(string text) => text.Split('\n')[^1].Trim();
}
