using Koubou.Contracts;
using Koubou.ModelApiStandIn;
using Koubou.OllamaStandIn;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Tests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Koubou.Worker.Tests.Backends.Privacy;

/// <summary>Tries to make a confidential task leave the machine. What would be the cloud listens, and must hear nothing.</summary>
public sealed class LeakTests : IAsyncLifetime
{
    private const string Secret = "the secret recipe";

    private StandInServer _ollama = null!;
    private ModelApiServer _cloud = null!;
    private ScriptedScheduler _scheduler = null!;

    public async ValueTask InitializeAsync()
    {
        _ollama = await StandInServer.StartAsync();
        _ollama.AddModel("gemma2:2b");
        _cloud = await ModelApiServer.StartAsync(new OpenAIFormat());
        _cloud.Models.Add("small");
        _scheduler = await ScriptedScheduler.StartAsync();
        _scheduler.TaskTypes.Add(new TaskType { Name = "general", Backend = "near", Fallbacks = { "far" } });
    }

    public async ValueTask DisposeAsync()
    {
        await _scheduler.DisposeAsync();
        await _cloud.DisposeAsync();
        await _ollama.DisposeAsync();
    }

    [Theory]
    [InlineData(DataPolicy.Unspecified)]
    [InlineData(DataPolicy.Local)]
    [InlineData(DataPolicy.Private)]
    public async Task FallbackToTheCloud_IsRefusedOnTheRecordAndInTheAudit(DataPolicy policy)
    {
        _ollama.ChatFault = (System.Net.HttpStatusCode.InternalServerError, "it broke");
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Confidential(policy));

        var failed = await session.FailedAsync(assignment);

        Assert.Equal("backend_failed", failed.Error.Code);
        Assert.Equal(FailureKind.Transient, failed.Error.Kind);
        var refused = Assert.Single(failed.Facts.Tried);
        Assert.Equal("far", refused.Backend);
        Assert.Equal("policy_refused", refused.Error.Code);
        AssertAudited(node, assignment.TaskId, "far");
        AssertCloudHeardNothing();
    }

    [Fact]
    public async Task Fallback_WhereThePolicyAdmitsIt_Answers()
    {
        _ollama.ChatFault = (System.Net.HttpStatusCode.InternalServerError, "it broke");
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();

        var completed = await session.CompletedAsync(await session.AssignAsync(Confidential(DataPolicy.Any)));

        Assert.Equal("far", completed.Facts.Backend);
        Assert.Equal("small", completed.Facts.Model);
        Assert.Equal(Zone.Cloud, completed.Facts.Zone);
        var tried = Assert.Single(completed.Facts.Tried);
        Assert.Equal("near", tried.Backend);
        Assert.Equal("gemma2:2b", tried.Model);
        Assert.Equal("backend_failed", tried.Error.Code);
    }

    [Fact]
    public async Task RetryAfterTheLocalBackendDied_WaitsForItAndNeverGoesFar()
    {
        _ollama.BreakAfterPieces = 1;
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();
        var first = await session.AssignAsync(Confidential());
        var failed = await session.FailedAsync(first);

        await _ollama.DisposeAsync();
        await session.Frames.FirstAsync(
            frame => frame.Offer?.Backends.Any(backend => backend.Name == "near" && !backend.Healthy) == true, Patience.Limit);
        var givenBack = await session.GivenBackAsync(await session.AssignAsync(Confidential(), first.TaskId, attempt: 2));

        Assert.Equal("backend_broke_off", failed.Error.Code);
        Assert.Equal("backend_unreachable", givenBack.Reason.Code);
        Assert.Contains("data policy is 'local'", givenBack.Reason.Message, StringComparison.Ordinal);
        Assert.Equal("policy_refused", Assert.Single(givenBack.Facts.Tried).Error.Code);
        AssertAudited(node, first.TaskId, "far");
        AssertCloudHeardNothing();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Redirect_ToAnotherAddress_IsRefused(bool leavesTheMachine)
    {
        _ollama.RedirectTo = leavesTheMachine ? new Uri("http://203.0.113.7:11434/") : _cloud.Address;
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Confidential());

        var failed = await session.FailedAsync(assignment);

        Assert.Equal("policy_refused", failed.Error.Code);
        Assert.Equal(FailureKind.Permanent, failed.Error.Kind);
        Assert.Contains(_ollama.RedirectTo.Authority, failed.Error.Message, StringComparison.Ordinal);
        AssertAudited(node, assignment.TaskId, _ollama.RedirectTo.Authority);
        AssertCloudHeardNothing();
    }

    [Theory]
    [InlineData("Local", "203.0.113.7")]
    [InlineData("Local", "10.0.0.5")]
    [InlineData("Private", "203.0.113.7")]
    [InlineData("Private", "169.254.169.254")]
    public async Task Name_ThatLeadsOutOfItsZone_IsNeverConnected(string zone, string address)
    {
        await using var node = await NodeHarness.StartAsync(
            _scheduler,
            values =>
            {
                values.AddBackend("near", "ollama", new Uri("http://gpu-box:11434"), "gemma2:2b");
                values.Set("near", "Zone", zone);
            },
            services: services => services.AddSingleton<IHostResolver>(new ScriptedResolver(address)));
        var session = await _scheduler.SessionAsync();
        var spec = Confidential(DataPolicy.Private);

        var givenBack = await session.GivenBackAsync(await session.AssignAsync(spec));

        Assert.Equal("policy_refused", givenBack.Reason.Code);
        Assert.Contains(address, givenBack.Reason.Message, StringComparison.Ordinal);
        Assert.Contains(node.Logs.Lines.Items, line => line.Text.StartsWith("AUDIT policy_refused", StringComparison.Ordinal)
            && line.Text.Contains(address, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://ollama.com:443", "ollama.com")]
    [InlineData("", "gemma2:2b")]
    public async Task Model_SecretlyServedByACloud_IsRefusedWhenItShows(string host, string told)
    {
        _ollama.SecretRemoteHost = host;
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Confidential());

        var failed = await session.FailedAsync(assignment);

        Assert.Equal("policy_refused", failed.Error.Code);
        Assert.Contains("OLLAMA_NO_CLOUD=1", failed.Error.Message, StringComparison.Ordinal);
        AssertAudited(node, assignment.TaskId, told);
    }

    [Fact]
    public async Task Model_OfACloudBehindLocalOllama_IsRefusedAndAudited()
    {
        _ollama.AddModel("gpt-oss:120b-cloud", "https://ollama.com:443");
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();
        var spec = Confidential();
        spec.Model = "gpt-oss:120b-cloud";
        var assignment = await session.AssignAsync(spec);

        var failed = await session.FailedAsync(assignment);

        Assert.Equal("policy_refused", failed.Error.Code);
        AssertAudited(node, assignment.TaskId, "gpt-oss:120b-cloud");
        Assert.DoesNotContain(_ollama.Requests.Items, request => request.Body.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("far")]
    [InlineData("openai")]
    public async Task CloudBackend_NamedByATask_IsRefusedForGood(string backend)
    {
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();
        var spec = Confidential();
        spec.Backend = backend;
        spec.Options["fallbacks"] = "[]";
        var assignment = await session.AssignAsync(spec);

        var failed = await session.FailedAsync(assignment);

        Assert.Equal("policy_refused", failed.Error.Code);
        Assert.Equal(FailureKind.Permanent, failed.Error.Kind);
        AssertAudited(node, assignment.TaskId, "far");
        AssertCloudHeardNothing();
    }

    [Fact]
    public async Task OnlyACloud_ForATaskThatNamesNobody_IsRefusedForGood()
    {
        _scheduler.TaskTypes.Clear();
        await using var node = await NodeHarness.StartAsync(_scheduler, AddCloud);
        var session = await _scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Confidential());

        var failed = await session.FailedAsync(assignment);

        Assert.Equal("policy_refused", failed.Error.Code);
        AssertAudited(node, assignment.TaskId, "far");
        AssertCloudHeardNothing();
    }

    private static TaskSpec Confidential(DataPolicy policy = DataPolicy.Unspecified)
    {
        var spec = Specs.General(Secret);
        spec.DataPolicy = policy;
        return spec;
    }

    private static void AssertAudited(NodeHarness node, string taskId, string destination) =>
        Assert.Contains(node.Logs.Lines.Items, line =>
            line.Text.StartsWith($"AUDIT policy_refused task={taskId} ", StringComparison.Ordinal)
            && line.Text.Contains(destination, StringComparison.Ordinal)
            && !line.Text.Contains(Secret, StringComparison.Ordinal));

    private void AssertCloudHeardNothing() =>
        Assert.DoesNotContain(_cloud.Requests.Items, request => request.Body.Length > 0);

    private Task<NodeHarness> StartAsync() => NodeHarness.StartAsync(_scheduler, values =>
    {
        values.AddBackend("near", _ollama);
        AddCloud(values);
    });

    private void AddCloud(Dictionary<string, string?> values)
    {
        values.AddBackend("far", "openai", _cloud);
        values.Set("far", "Zone", "Cloud");
    }
}
