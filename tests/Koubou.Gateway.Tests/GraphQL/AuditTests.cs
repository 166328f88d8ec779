using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.GraphQL;

/// <summary>The audits of the GraphQL over HTTP specification, as its authors wrote them.</summary>
public sealed class AuditTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Door_ByTheSpecificationsOwnAudits_PassesAll()
    {
        var audits = await NodeProgram.RunAsync("audit.mjs", new Uri(workshop.Gateway.Main, "/graphql").ToString());

        Assert.Equal(61, audits.Count);
        Assert.Empty(audits.Where(audit => audit.Text("status") != "ok").Select(audit => audit.GetRawText()));
    }
}
