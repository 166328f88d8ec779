using Aspire.Hosting;

namespace Koubou.LocalHosting.TestService;

/// <summary>An AppHost of two services: the second waits for the first, and its arguments come from the test.</summary>
internal static class TestHost
{
    public static async Task<int> RunAsync(string[] secondArgs)
    {
        var builder = DistributedApplication.CreateBuilder([]);
        var first = builder.AddProject<TestServiceProject>("first", launchProfileName: null)
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health");
        builder.AddProject<TestServiceProject>("second", launchProfileName: null)
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health")
            .WithArgs(secondArgs)
            .WithReference(first)
            .WaitFor(first);

        await builder.Build().RunAsync();
        return Environment.ExitCode;
    }
}
