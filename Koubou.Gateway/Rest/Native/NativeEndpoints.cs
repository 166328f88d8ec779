using Koubou.Gateway.Artifacts;
using Koubou.Gateway.Rest.Native.Keys;
using Koubou.Gateway.Rest.Native.Operations;

namespace Koubou.Gateway.Rest.Native;

/// <summary>The complete API of this version.</summary>
internal static class NativeEndpoints
{
    public const string Root = "/api/v1";

    public static string TaskUrl(string id) => $"{Root}/tasks/{id}";

    public static void MapNativeRest(this WebApplication app)
    {
        var api = app.MapGroup(Root);
        api.MapSubmits();
        api.MapReads();
        api.MapArtifacts();
        api.MapChanges();
        api.MapWorkshop();
        api.MapOperations();
        api.MapKeys();
    }
}
