using Aspire.Hosting.ApplicationModel;

namespace Xmtp.Gateway.Aspire.Hosting;

/// <summary>Marks a gateway of the local network.</summary>
internal sealed record LocalNetworkAnnotation : IResourceAnnotation;
