using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Koubou.LocalHosting.Ports;
using Koubou.LocalHosting.TestService;

namespace Koubou.LocalHosting.Tests.Running;

public sealed class StartTests
{
    private const string Open = "services are healthy";

    [Fact]
    public async Task Services_ThatWait_StartAfterTheOthersAreHealthy()
    {
        await using var workshop = RunningWorkshop.Start(builder =>
        {
            var late = Add(builder, "late");
            var early = Add(builder, "early");
            late.WaitFor(early);
        });

        await workshop.Lines.WaitForAsync(Open);

        var lines = workshop.Lines.All().ToList();
        var healthy = lines.FindIndex(line => line.StartsWith("early ● healthy", StringComparison.Ordinal));
        var started = lines.FindIndex(line => line.StartsWith("late  │ pid", StringComparison.Ordinal));
        Assert.InRange(healthy, 0, started);
        Assert.True(await workshop.StopAsync());
    }

    [Fact]
    public async Task Service_IsToldWhatAspireWouldTell()
    {
        EndpointReference? at = null;
        await using var workshop = RunningWorkshop.Start(
            builder =>
            {
                var door = Add(builder, "front-door")
                    .WithHttpEndpoint(name: "grpc", env: "GRPC_PORT");
                var model = builder.AddOllama("ollama").AddModel("gemma2:2b");
                var redis = builder.AddRedis("redis");
                var user = Add(builder, "user").WithReference(door).WithReference(model).WithReference(redis)
                    .WithHttpEndpoint(name: "extra", env: "EXTRA_PORT")
                    .WithEnvironment("COLOUR", "indigo").WaitFor(door);
                at = user.GetEndpoint("http");
            },
            "--ConnectionStrings:redis=cache.example:6379,password=x");
        await workshop.Lines.WaitForAsync(Open);

        using var http = new HttpClient();
        var told = (await http.GetFromJsonAsync<Dictionary<string, string>>($"{at!.Url}/env"))!;

        Assert.Equal(at.Url, told["ASPNETCORE_URLS"]);
        Assert.Equal("user", told["OTEL_SERVICE_NAME"]);
        Assert.Equal("Development", told["DOTNET_ENVIRONMENT"]);
        Assert.StartsWith("http://localhost:", told["services__front-door__http__0"], StringComparison.Ordinal);
        Assert.StartsWith("http://localhost:", told["services__front-door__grpc__0"], StringComparison.Ordinal);
        Assert.Equal(told["services__front-door__grpc__0"], told["FRONT_DOOR_GRPC"]);
        Assert.Equal("Endpoint=http://localhost:11434;Model=gemma2:2b", told["ConnectionStrings__ollama-gemma2"]);
        Assert.Equal("cache.example:6379,password=x", told["ConnectionStrings__redis"]);
        Assert.Equal("indigo", told["COLOUR"]);
        Assert.InRange(int.Parse(told["EXTRA_PORT"], System.Globalization.CultureInfo.InvariantCulture), 1, 65535);
        Assert.DoesNotContain(told["EXTRA_PORT"], told["ASPNETCORE_URLS"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task FixedPort_Taken_NamesTheProcessAndWhatToDo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        await using var workshop = RunningWorkshop.Start(
            builder => Add(builder, "door").WithHttpEndpoint(port: port), $"--Doors:Main={port}");

        Assert.False(await workshop.Run);
        var line = await workshop.Lines.WaitForAsync($"Port {port}");
        Assert.Contains($"taken by process {Environment.ProcessId} (", line, StringComparison.Ordinal);
        Assert.Contains($"kill {Environment.ProcessId}", line, StringComparison.Ordinal);
        Assert.Contains("--Doors:Main=", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FixedPort_ClaimedByAWorkshopThatStarts_SaysSoAndWhatToDo()
    {
        // What another process of this user holds while its services start: a byte of the file of claims.
        var port = FreePort.Next();
        var start = new ProcessStartInfo("/usr/bin/python3")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"""
            import fcntl, sys
            file = open("{PortClaims.FilePath}", "a+b")
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, {port})
            print("claimed", flush=True)
            sys.stdin.read()
            """);
        using var starting = Process.Start(start)!;
        try
        {
            Assert.Equal("claimed", await starting.StandardOutput.ReadLineAsync());

            await using var workshop = RunningWorkshop.Start(
                builder => Add(builder, "door").WithHttpEndpoint(port: port), $"--Doors:Main={port}");

            Assert.False(await workshop.Run);
            var line = await workshop.Lines.WaitForAsync($"Port {port}");
            Assert.Contains("taken by another workshop of yours that is starting", line, StringComparison.Ordinal);
            Assert.Contains("Ctrl+C", line, StringComparison.Ordinal);
        }
        finally
        {
            starting.StandardInput.Close();
            await starting.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Service_Crashed_StartsAgainOnTheSamePort()
    {
        EndpointReference? at = null;
        await using var workshop = RunningWorkshop.Start(builder => at = Add(builder, "frail").GetEndpoint("http"));
        await workshop.Lines.WaitForAsync(Open);

        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.PostAsync($"{at!.Url}/crash", null));

        await workshop.Lines.WaitForNextAsync("ended with exit code 7; starts again in");
        await workshop.Lines.WaitForNextAsync("● healthy");
        using var answer = await http.GetAsync($"{at!.Url}/health");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Service_Crashed_LeavesNoGrandchild()
    {
        EndpointReference? at = null;
        await using var workshop = RunningWorkshop.Start(builder =>
            at = Add(builder, "frail").WithArgs("--grandchild").GetEndpoint("http"));
        await workshop.Lines.WaitForAsync(Open);
        var grandchild = await workshop.Lines.NumberAfterAsync("grandchild");

        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.PostAsync($"{at!.Url}/crash", null));

        await ForeignProcess.WaitForEndAsync(grandchild);
    }

    [Fact]
    public async Task Service_ThatNeverStarts_IsNamedWithItsLastLines()
    {
        await using var workshop = RunningWorkshop.Start(builder =>
        {
            Add(builder, "sound");
            Add(builder, "broken").WithArgs("--broken");
        });

        Assert.False(await workshop.Run);
        var line = await workshop.Lines.WaitForAsync("broken ended with exit code 3 each of the 3 times");
        Assert.Contains("boom: no such colour", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_ThatStaysUnhealthy_IsNamedAfterABoundedTime()
    {
        await using var workshop = RunningWorkshop.Start(
            builder => Add(builder, "sick").WithArgs("--sick"), "--LocalHosting:StartTimeout=00:00:05");

        Assert.False(await workshop.Run);
        var line = await workshop.Lines.WaitForAsync("sick was not healthy within 5 s");
        Assert.Contains("pid", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicas_ListenOnPortsOfTheirOwn_AndAreAllTold()
    {
        EndpointReference? at = null;
        await using var workshop = RunningWorkshop.Start(builder =>
        {
            var many = Add(builder, "many").WithReplicas(2);
            at = Add(builder, "user").WithReference(many).GetEndpoint("http");
        });
        await workshop.Lines.WaitForAsync(Open);

        using var http = new HttpClient();
        var told = (await http.GetFromJsonAsync<Dictionary<string, string>>($"{at!.Url}/env"))!;
        Assert.NotEqual(told["services__many__http__0"], told["services__many__http__1"]);
    }

    private static IResourceBuilder<ProjectResource> Add(IDistributedApplicationBuilder builder, string name) =>
        builder.AddProject<TestServiceProject>(name, launchProfileName: null)
            .WithHttpEndpoint().WithHttpHealthCheck("/health");
}
