using Koubou.Worker.Craftsmen;
using Koubou.Worker.Processes;

namespace Koubou.Worker.Backends.AgentCli.Workplaces;

/// <summary>Runs git without anybody's settings, hooks or filters but the repository's own.</summary>
internal sealed class Git(ChildProcesses children)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    // The operator named the folder, so it may belong to another user.
    private const string Settings =
        "[safe]\n\tdirectory = *\n[core]\n\thooksPath = /dev/null\n\tfsmonitor = false\n\tquotePath = true\n[gc]\n\tauto = 0\n";

    /// <summary>Git's output, or null when it ends with an error.</summary>
    public async Task<string?> TryAsync(string root, string folder, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var (exit, output) = await RunAsync(root, folder, arguments, stop);
        return exit.Code == 0 ? output : null;
    }

    /// <summary>Git's output.</summary>
    public async Task<string> AskAsync(string root, string folder, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var (exit, output) = await RunAsync(root, folder, arguments, stop);
        return exit.Code == 0
            ? output
            : throw TaskFailureException.Permanent("git_failed", $"git {arguments[0]} failed in {folder}: {exit.Errors}");
    }

    private async Task<(ChildExit Exit, string Output)> RunAsync(
        string root, string folder, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var settings = Path.Combine(root, "gitconfig");
        if (!File.Exists(settings))
        {
            await File.WriteAllTextAsync(settings, Settings, stop);
        }

        var environment = CleanEnvironment.Create(root, root, []);
        environment["GIT_CONFIG_GLOBAL"] = settings;
        environment["GIT_CONFIG_NOSYSTEM"] = "1";
        environment["GIT_TERMINAL_PROMPT"] = "0";
        environment["GIT_OPTIONAL_LOCKS"] = "0";
        var lines = new List<string>();
        try
        {
            var exit = await children.RunAsync(
                new ChildCommand
                {
                    Program = "git",
                    Arguments = arguments,
                    Folder = folder,
                    Environment = environment,
                    Timeout = Limit,
                    // All that is asked of git lies on this disk; settings that an agent left behind reach nobody.
                    Network = !(await children.EnclosureAsync()).Encloses,
                },
                line =>
                {
                    lines.Add(line);
                    return ValueTask.CompletedTask;
                },
                stop);
            return (exit, string.Join('\n', lines));
        }
        catch (ChildException exception) when (exception.Fault == ChildFault.NotStarted)
        {
            throw TaskFailureException.Permanent(
                "git_missing", "git is not installed on this worker node; agents that write need it to make the patch. "
                + "Install it, for example with: apt-get install git", exception);
        }
        catch (ChildException exception)
        {
            throw TaskFailureException.Transient(
                "git_failed", $"git {arguments[0]} was stopped in {folder}: {exception.Message}", inner: exception);
        }
    }
}
