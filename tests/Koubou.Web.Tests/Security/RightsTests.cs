using Google.Protobuf;
using Koubou.Contracts;
using Koubou.Web.Calls;
using Koubou.Web.Language;
using Koubou.Web.Security;
using Koubou.Web.Tests.Scripted;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace Koubou.Web.Tests.Security;

public sealed class RightsTests
{
    [Fact]
    public void Reader_WithoutTheGatewaysHeaders_OpenedAWorkshopWithoutKeys()
    {
        var rights = Rights.Of(new HeaderDictionary());

        Assert.Equal((false, true, true), (rights.IsSignedIn, rights.MayAct, rights.MaySubmit));
        Assert.Null(rights.ToCaller());
    }

    [Theory]
    [InlineData("read", false, false)]
    [InlineData("submit read", false, true)]
    [InlineData("admin", true, true)]
    [InlineData("", false, false)]
    public void Key_AllowsWhatItsScopesSay(string scopes, bool mayAct, bool maySubmit)
    {
        var rights = Rights.Of(new HeaderDictionary { [Rights.NameHeader] = "ci", [Rights.ScopesHeader] = scopes });

        Assert.Equal((mayAct, maySubmit), (rights.MayAct, rights.MaySubmit));
    }

    // The buttons are only absent; this is what stands behind them.
    [Fact]
    public async Task Calls_ThatTheKeyDoesNotAllow_AreRefusedBeforeTheyLeave()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        var id = scheduler.Queue.Submit("Stays");
        var calls = Calls(scheduler, new Rights("visitor", "read", ""));

        var refusals = new[]
        {
            (await calls.SubmitAsync(new TaskSpec { Prompt = "x" })).Refusal,
            (await calls.CancelAsync([id])).Refusal,
            (await calls.RetryAsync([id])).Refusal,
            (await calls.DeleteAsync([id])).Refusal,
            (await calls.ChangeMatchingAsync(new ListRequest(), Change.Cancel, everything: true)).Refusal,
            (await calls.ControlAsync(new ControlNodeRequest { NodeId = "worker-01", Drain = true })).Refusal,
        };

        Assert.All(refusals, refusal => Assert.Equal(StatusCode.PermissionDenied, refusal?.Status));
        Assert.Equal(TaskState.Queued, scheduler.Queue.Find(id).State);
        Assert.Empty(scheduler.Queue.Controls);
    }

    [Fact]
    public async Task Submit_CarriesTheCallersRights_AndItsName()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        var caller = new Caller { Key = "ci", PriorityMax = 5 };
        var calls = Calls(scheduler, new Rights("ci", "submit", Convert.ToBase64String(caller.ToByteArray())));

        var answer = await calls.SubmitAsync(new TaskSpec { Prompt = "x", Client = "dashboard" });

        Assert.Equal("ci", scheduler.Queue.Find(answer.Value!.Receipts[0].Id).Spec.Client);
        Assert.Equal(caller, scheduler.Queue.LastCaller);
    }

    private static SchedulerCalls Calls(ScriptedScheduler scheduler, Rights rights)
    {
        var reader = new Reader();
        reader.Is(rights);
        var services = new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider();
        var words = services.GetRequiredService<IStringLocalizer<Words>>();
        var errors = services.GetRequiredService<IStringLocalizer<Errors>>();
        return new SchedulerCalls(
            new TaskQueue.TaskQueueClient(GrpcChannel.ForAddress(scheduler.Address)), reader, words, errors, TimeProvider.System);
    }
}
