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

    [Fact]
    public async Task Schema_AskedForByTheReferenceLibrary_IsBuiltWhole()
    {
        var schemas = await NodeProgram.RunAsync("introspect.mjs", new Uri(workshop.Gateway.Main, "/graphql").ToString());

        Assert.Equal(2, schemas.Count);
        Assert.All(schemas, schema => Assert.InRange(schema.GetProperty("mutations").GetInt32(), 10, 100));
    }
}
