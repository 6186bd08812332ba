namespace Xmtp.Gateway.Identity;

/// <summary>A part that creates a type of the application for each call; logs and metrics name that type.</summary>
internal interface ICreatedPerCall
{
    /// <summary>The name of the type that is created.</summary>
    string TypeName { get; }
}
