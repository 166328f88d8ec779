using System.Diagnostics;
using System.Globalization;
using Koubou.ServiceDefaults.Home;
using Koubou.Worker.Craftsmen;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.AgentCli.Workplaces;

/// <summary>
/// Prepares a place for each run. An agent that may write never does so in the folder that the task names: it gets a
/// copy, and what it changed there comes back as a patch that a person applies.
/// </summary>
internal sealed class Workplaces
{
    public const string PatchName = "changes.patch";
    private const string PatchType = "text/x-diff";

    private readonly AgentOptions _options;
    private readonly Git _git;
    private readonly string _work;
    private readonly string _root;

    public Workplaces(IOptions<AgentOptions> options, Git git, IConfiguration configuration)
    {
        _options = options.Value;
        _git = git;
        // A folder for each process: another node on this machine has its own, and leftovers of a dead one are no one's.
        _work = Path.Combine(KoubouHome.Resolve(configuration).Root, "work");
        _root = Path.Combine(_work, $"{Environment.ProcessId}-{Guid.NewGuid():N}"[..^24]);
    }

    /// <summary>Removes what workers left behind that were killed.</summary>
    public void ClearDead()
    {
        foreach (var folder in Directory.Exists(_work) ? Directory.EnumerateDirectories(_work) : [])
        {
            if (folder != _root && !IsAlive(Path.GetFileName(folder).Split('-')[0]))
            {
                new Workplace(folder, folder, Tree: null).Dispose();
            }
        }
    }

    private static bool IsAlive(string processId)
    {
        try
        {
            using var process = Process.GetProcessById(int.Parse(processId, CultureInfo.InvariantCulture));
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (FormatException)
        {
            // Not a folder of ours.
            return true;
        }
    }

    /// <param name="task">The task, for its option <c>folder</c>.</param>
    /// <param name="writes">Whether the agent may write in its working folder.</param>
    /// <param name="stop">Ends the preparation.</param>
    public async Task<Workplace> OpenAsync(AssignedTask task, bool writes, CancellationToken stop)
    {
        var named = AgentTask.Option(task, AgentTask.Folder);
        var source = named is null ? null : AllowedFolders.Demand(named, _options.Folders);
        var root = Path.Combine(_root, $"{task.Id}-{task.Attempt}-{Guid.NewGuid():N}"[..^24]);
        var place = new Workplace(root, Path.Combine(root, "folder"), Tree: null);
        CreatePrivate(root);
        foreach (var folder in (string[])[place.Folder, place.Temporary, place.Home])
        {
            Directory.CreateDirectory(folder);
        }

        try
        {
            return (source, writes) switch
            {
                (not null, false) => place with { Folder = source },
                (null, false) => place,
                (null, true) => await SnapshotAsync(place, stop),
                _ => await CloneAsync(place, source!, stop) ?? await CopyAsync(place, source!, stop),
            };
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>Hands over as a patch what the agent changed. Nothing changed: no patch.</summary>
    public async Task<bool> KeepChangesAsync(Workplace place, ICraftsmanContext context, CancellationToken stop)
    {
        if (place.Tree is not { } tree)
        {
            return false;
        }

        // Named outright: a .git that the agent may have put into its folder is not asked.
        var patch = place.File(PatchName);
        string[] git = [$"--git-dir={tree.GitFolder}", $"--work-tree={tree.Top}"];
        await _git.AskAsync(place.Root, tree.Top, [.. git, "add", "--all"], stop);
        await _git.AskAsync(
            place.Root, tree.Top,
            [.. git, "diff", "--cached", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", $"--output={patch}", tree.Base],
            stop);
        await using var content = File.OpenRead(patch);
        if (content.Length == 0)
        {
            return false;
        }

        await context.AddArtifactAsync(PatchName, PatchType, content, stop);
        return true;
    }

    /// <summary>A copy of a repository's HEAD that shares its objects and writes nothing into it. Null: none is there.</summary>
    private async Task<Workplace?> CloneAsync(Workplace place, string source, CancellationToken stop)
    {
        var top = await _git.TryAsync(place.Root, source, ["rev-parse", "--show-toplevel"], stop);
        if (top is null || !AllowedFolders.Contains(_options.Folders, top)
            || await _git.TryAsync(place.Root, source, ["rev-parse", "--verify", "--quiet", "HEAD"], stop) is not { } head)
        {
            return null;
        }

        var tree = new GitTree(place.File("git"), place.Folder, head);
        await _git.AskAsync(
            place.Root, place.Root,
            ["clone", "--quiet", "--shared", $"--separate-git-dir={tree.GitFolder}", "--", top, place.Folder], stop);
        var folder = Path.GetFullPath(Path.Combine(place.Folder, Path.GetRelativePath(top, source)));
        if (!Directory.Exists(folder))
        {
            throw TaskFailureException.Permanent(
                "folder_not_committed", $"The folder {source} is in no commit, so an agent cannot get a copy of it. Commit it.");
        }

        return place with { Folder = folder, Tree = tree };
    }

    private async Task<Workplace> CopyAsync(Workplace place, string source, CancellationToken stop)
    {
        FolderCopy.Copy(source, place.Folder, _options.CopyBytesMax, stop);
        return await SnapshotAsync(place, stop);
    }

    private async Task<Workplace> SnapshotAsync(Workplace place, CancellationToken stop)
    {
        var tree = new GitTree(place.File("git"), place.Folder, Base: "");
        string[] git = [$"--git-dir={tree.GitFolder}", $"--work-tree={tree.Top}"];
        await _git.AskAsync(place.Root, place.Root, ["init", "--quiet", "--bare", tree.GitFolder], stop);
        await _git.AskAsync(place.Root, tree.Top, [.. git, "add", "--all"], stop);
        return place with { Tree = tree with { Base = await _git.AskAsync(place.Root, tree.Top, [.. git, "write-tree"], stop) } };
    }

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
