namespace Koubou.Web.Tests.Browser;

/// <summary>One workshop for all tests of the pages; each test keeps to tasks with a label of its own.</summary>
public sealed class SharedWorkshop(Chromium chromium) : IAsyncLifetime
{
    public const string Collection = "Pages";
    private OpenWorkshop? _workshop;

    public OpenWorkshop Workshop => _workshop ?? throw new InvalidOperationException("The workshop was not opened.");

    public async ValueTask InitializeAsync()
    {
        _workshop = await OpenWorkshop.StartAsync(chromium);
        AddUsualNode();
    }

    public void AddUsualNode() => Workshop.Queue.AddNode("worker-01", shape: node => node.Capabilities.Add("*"));

    public async ValueTask DisposeAsync()
    {
        if (_workshop is not null)
        {
            await _workshop.DisposeAsync();
        }
    }
}

[CollectionDefinition(SharedWorkshop.Collection)]
public sealed class SharedWorkshopCollection : ICollectionFixture<SharedWorkshop>;
