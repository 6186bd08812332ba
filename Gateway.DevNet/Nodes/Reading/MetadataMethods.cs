using Grpc.AspNetCore.Server.Model;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>The methods of MetadataApi.</summary>
internal sealed class MetadataMethods : IServiceMethodProvider<MetadataService>
{
    /// <summary>The name of the service.</summary>
    public const string Service = "xmtp.xmtpv4.metadata_api.MetadataApi";

    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<MetadataService> context)
    {
        context.AddUnaryMethod(
            ReadMethods.Unary(Service, "GetSyncCursor", GetSyncCursorRequest.Parser, GetSyncCursorResponse.Parser), [],
            static (metadata, _, _) => Task.FromResult(metadata.GetSyncCursor()));
        context.AddServerStreamingMethod(
            ReadMethods.Stream(Service, "SubscribeSyncCursor", GetSyncCursorRequest.Parser, GetSyncCursorResponse.Parser), [],
            static (metadata, _, output, call) => metadata.SubscribeSyncCursorAsync(output, call.CancellationToken));
        context.AddUnaryMethod(
            ReadMethods.Unary(Service, "GetVersion", GetVersionRequest.Parser, GetVersionResponse.Parser), [],
            static (_, _, _) => Task.FromResult(MetadataService.GetVersion()));
        context.AddUnaryMethod(
            ReadMethods.Unary(Service, "GetPayerInfo", GetPayerInfoRequest.Parser, GetPayerInfoResponse.Parser), [],
            static (metadata, request, _) => Task.FromResult(metadata.GetPayerInfo(request)));
    }
}
